package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.managers.selfplay.Modifiers.Input;
import io.ringrift.managers.selfplay.TargetNews.News;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetNewsTest {
  private static final ConfigKey HEX = new ConfigKey("hex8", 2);
  private final TargetNews news = new TargetNews();

  private List<News> priority(int effective) {
    return news.changes(Map.of(HEX, effective), Map.of(HEX, 1.3), Map.of());
  }

  private List<News> jobs(int target) {
    return news.changes(Map.of(), Map.of(), Map.of("n1", target));
  }

  @Test
  void whatIsSeenForTheFirstTimeIsNoNews() {
    assertThat(priority(9)).isEmpty();
    assertThat(jobs(9)).isEmpty();
  }

  @Test
  void aPriorityThatMovesByTwoIsTold() {
    priority(5);
    assertThat(priority(6)).isEmpty();
    var told = priority(7);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().attributes())
        .containsEntry("config_key", "hex8_2p")
        .containsEntry("effective_priority", "7")
        .containsEntry("exploration_boost", "1.3")
        .containsEntry("priority", "normal");
    assertThat(priority(7)).isEmpty();
  }

  @Test
  void aPriorityThatMovesByThreeIsOfHighPriority() {
    priority(5);
    assertThat(priority(2).getFirst().attributes()).containsEntry("priority", "high");
  }

  @ParameterizedTest
  @CsvSource({
    "10,12,''",
    "10,13,normal",
    "10,15,high",
    "10,7,normal",
    "2,3,normal",
    "2,4,high",
    "3,4,''",
    "0,1,high"
  })
  void aTargetThatMovesByThreeOrByHalfIsTold(int before, int now, String priority) {
    jobs(before);
    var told = jobs(now);
    assertThat(told.stream().map(one -> one.attributes().get("priority")).toList())
        .isEqualTo(priority.isEmpty() ? List.of() : List.of(priority));
  }

  @Test
  void whatDoesNotFitIntoARoundIsToldInTheNext() {
    var targets = new HashMap<String, Integer>();
    for (int i = 0; i < 30; i++) {
      targets.put("n" + i, 1);
    }
    news.changes(Map.of(), Map.of(), targets);
    targets.replaceAll((_, _) -> 9);
    assertThat(news.changes(Map.of(), Map.of(), targets)).hasSize(20);
    assertThat(news.changes(Map.of(), Map.of(), targets)).hasSize(10);
    assertThat(news.changes(Map.of(), Map.of(), targets)).isEmpty();
  }

  private static Event event(String kind, Map<String, String> attributes) {
    return Event.newBuilder().setKind(kind).putAllAttributes(attributes).build();
  }

  @Test
  void eventsThatMeanSomethingHereAreUnderstood() {
    assertThat(EventFeed.input(event("EXPLORATION_BOOST", Map.of())))
        .contains(new Input.Explore(1.3, Duration.ofMinutes(15)));
    assertThat(
            EventFeed.input(
                event("EXPLORATION_BOOST", Map.of("boost_factor", "2", "duration_seconds", "60"))))
        .contains(new Input.Explore(2, Duration.ofSeconds(60)));
    assertThat(EventFeed.input(event("SELFPLAY_RATE_CHANGED", Map.of("new_rate", "1.5"))))
        .contains(new Input.Rate(1.5));
    assertThat(EventFeed.input(event("ELO_VELOCITY_CHANGED", Map.of("trend", "accelerating"))))
        .contains(new Input.Velocity(Modifiers.Trend.ACCELERATING));
    assertThat(EventFeed.input(event("TRAINING_COMPLETED", Map.of())))
        .contains(new Input.Trained());
    assertThat(EventFeed.input(event("PROMOTION_FAILED", Map.of())))
        .contains(new Input.PromotionFailed());
    assertThat(EventFeed.input(event("MODEL_PROMOTED", Map.of()))).contains(new Input.Promoted());
    assertThat(EventFeed.input(event("NODE_ADDED", Map.of()))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SELFPLAY_RATE_CHANGED,new_rate,NaN",
    "SELFPLAY_RATE_CHANGED,new_rate,-1",
    "SELFPLAY_RATE_CHANGED,new_rate,11",
    "SELFPLAY_RATE_CHANGED,rate,1",
    "EXPLORATION_BOOST,boost_factor,1e9",
    "EXPLORATION_BOOST,duration_seconds,1e9",
    "ELO_VELOCITY_CHANGED,trend,sideways"
  })
  void eventsWithUnsoundFiguresArePassedOver(String kind, String name, String value) {
    assertThat(EventFeed.input(event(kind, Map.of(name, value)))).isEmpty();
  }
}
