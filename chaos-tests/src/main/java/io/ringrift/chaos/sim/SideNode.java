package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.SideInvariants;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Membership and gossip of one node, a voter or not: nothing of it outlives the process. It steps
/// whole: a crash or a pause falls between its steps, which stands for messages lost. One thread.
final class SideNode implements SideWorld {
  private static final int INBOX = 4096;
  private static final long LONGEST_TICK = 500_000_000;
  private static final long DAY = 86_400_000;

  private final Sides sides;
  private final Sim sim;
  private final int index;
  private final boolean outboundOnly;
  private final SideCells cells;
  private final Set<NodeId> voters;
  private final Timing timing;
  private final SideInvariants invariants;
  private final SplittableRandom random;
  private final long tick;
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();

  private Supplier<Moment> clock = () -> new Moment(0);
  private int life;
  private long bootTimeMillis;
  private boolean paused;
  private @Nullable ViewCell view;
  private @Nullable FactsCell facts;
  private long publishedCounter;

  SideNode(Sides sides, Sim sim, SimConfig config, int index, boolean outboundOnly) {
    this.sides = sides;
    this.sim = sim;
    this.index = index;
    this.outboundOnly = outboundOnly;
    this.cells = config.sides().orElseThrow();
    this.voters = config.voters().keySet();
    this.timing = config.timing();
    this.invariants = sides.invariants();
    this.random = sides.random();
    this.tick = Math.min(timing.heartbeat().toNanos() / 5, LONGEST_TICK);
  }

  // --- life ---

  void boot(Supplier<Moment> processClock) {
    life++;
    clock = processClock;
    paused = false;
    publishedCounter = 0;
    // Wall clocks are wrong now and then, which only people and gossip's last resort look at.
    long wrong = random.nextInt(4) == 0 ? random.nextLong(-DAY, DAY) : 0;
    bootTimeMillis = 10 * DAY + sim.now() / 1_000_000 + wrong;
    invariants.booted(index, life);
    view = cells.views().boot(this, clock.get());
    facts = cells.facts().boot(this);
    int mine = life;
    sim.after(1 + random.nextLong(tick), () -> tick(mine));
    sim.after(random.nextLong(timing.gossip().toNanos()), () -> round(mine));
    publish();
    publishLater(mine);
  }

  void die() {
    view = null;
    facts = null;
    held.clear();
    paused = false;
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    while (!paused && view != null && !held.isEmpty()) {
      held.removeFirst().run();
    }
  }

  void leave() {
    var leaving = view;
    if (leaving != null && !paused) {
      invariants.leaves(index, life);
      leaving.leave(clock.get());
    }
  }

  boolean isUp() {
    return view != null;
  }

  // --- inputs ---

  private void tick(int mine) {
    var running = view;
    if (mine != life || running == null) {
      return;
    }
    if (!paused) {
      running.tick(clock.get());
      stepped(running);
      look();
    }
    sim.after(tick, () -> tick(mine));
  }

  private void round(int mine) {
    var running = facts;
    if (mine != life || running == null) {
      return;
    }
    if (!paused) {
      running.round(clock.get());
    }
    sim.after(running.pause().toNanos(), () -> round(mine));
  }

  private void publishLater(int mine) {
    sim.after(
        Chance.around(random, 4 * timing.gossip().toNanos()),
        () -> {
          if (mine == life && view != null && !sides.calm()) {
            if (!paused) {
              publish();
            }
            publishLater(mine);
          }
        });
  }

  private void publish() {
    var running = facts;
    if (running != null) {
      long content = random.nextLong();
      publishedCounter++;
      invariants.published(index, life, publishedCounter, content);
      running.publish(clock.get(), content);
    }
  }

  void deliver(int from, SideMessage message) {
    if (paused && held.size() < INBOX) {
      held.addLast(() -> receive(from, message));
    } else if (!paused) {
      receive(from, message);
    }
  }

  private void receive(int from, SideMessage message) {
    var detector = view;
    var gossip = facts;
    if (detector == null || gossip == null) {
      return;
    }
    if (message.views()) {
      sides.heard(index, from);
      detector.receive(clock.get(), SimConfig.node(from), message.body());
      stepped(detector);
    } else {
      gossip.receive(clock.get(), SimConfig.node(from), message.body());
      gossip.read(this::holds);
    }
  }

  // --- what the invariants are told ---

  private void stepped(ViewCell detector) {
    invariants.stepped(index, life, detector.incarnation());
  }

  private void look() {
    for (Member member : members()) {
      invariants.seen(index, SimConfig.index(member.id()), Boots.life(member.boot()), member);
    }
  }

  private void holds(NodeId owner, BootId boot, long counter, long content) {
    invariants.held(index, SimConfig.index(owner), Boots.life(boot), counter, content);
  }

  // --- what healing asks ---

  int life() {
    return life;
  }

  @Nullable ViewCell view() {
    return view;
  }

  @Nullable FactsCell facts() {
    return facts;
  }

  long newestFact() {
    return publishedCounter;
  }

  boolean dialsOnly() {
    return outboundOnly;
  }

  // --- the world of the cells ---

  @Override
  public NodeId self() {
    return SimConfig.node(index);
  }

  @Override
  public BootId boot() {
    return Boots.of(index, life);
  }

  @Override
  public long bootTimeMillis() {
    return bootTimeMillis;
  }

  @Override
  public boolean outboundOnly() {
    return outboundOnly;
  }

  @Override
  public Set<NodeId> voters() {
    return voters;
  }

  @Override
  public Timing timing() {
    return timing;
  }

  @Override
  public List<Member> members() {
    var running = view;
    return running == null ? List.of() : running.members();
  }

  @Override
  public void sendToView(NodeId to, Object message) {
    sides.send(index, SimConfig.index(to), new SideMessage(true, message));
  }

  @Override
  public void sendToFacts(NodeId to, Object message) {
    sides.send(index, SimConfig.index(to), new SideMessage(false, message));
  }

  @Override
  public void changed(MembershipEvent event) {
    Member member = event.member();
    if (sim.trace().on()) {
      sim.trace()
          .line(
              sim.now(),
              self().value(),
              "%s of %s in boot %d at incarnation %s"
                  .formatted(
                      event.getClass().getSimpleName(),
                      member.id(),
                      Boots.life(member.boot()),
                      member.incarnation()));
    }
    int of = SimConfig.index(member.id());
    invariants.changed(index, of, Boots.life(member.boot()), event);
  }
}
