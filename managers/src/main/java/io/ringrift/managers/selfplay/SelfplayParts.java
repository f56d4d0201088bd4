package io.ringrift.managers.selfplay;

/// What the service answers from.
record SelfplayParts(
    EventFeed feed,
    Scores scores,
    NodeViews nodes,
    QueueSight queue,
    BestModel models,
    QueuePopulator populator,
    GameOrders orders) {}
