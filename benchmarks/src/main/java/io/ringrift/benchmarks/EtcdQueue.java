package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.benchmarks.EtcdWire.Found;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A queue on etcd: items are keys, a transaction turns one into a claim, deleting the claim
/// completes it. Workers that take the first key of all would meet there, so the items lie in
/// partitions and each worker begins with one of its own: the fastest way that we know, for the
/// price of the order. A lease holds one item, whatever is asked for.
final class EtcdQueue implements WorkQueue {
  private static final String ITEMS = "q/i/";
  private static final String CLAIMS = "q/c/";
  private static final int PARTITIONS = 64;
  private static final int UNDER_WAY = 64;

  private final EtcdCluster etcd;
  private final ManagedChannel channel;

  EtcdQueue(EtcdCluster etcd) {
    this.etcd = etcd;
    this.channel = etcd.leader();
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public Collection<Long> pids() {
    return etcd.pids();
  }

  @Override
  public void fill(int items) {
    Calls.unary(channel, EtcdWire.DELETE, EtcdWire.deleteRange("q/", "q0")).join();
    var puts = new ArrayList<CompletableFuture<byte[]>>();
    for (int i = 0; i < items; i++) {
      byte[] key =
          EtcdWire.bytes(partition(i % PARTITIONS) + String.format(Locale.ROOT, "%08d", i));
      puts.add(
          Calls.unary(
              channel, EtcdWire.PUT, EtcdWire.put(key, new byte[WritesBenchmark.VALUE_BYTES])));
      if (puts.size() == UNDER_WAY || i == items - 1) {
        puts.forEach(CompletableFuture::join);
        puts.clear();
      }
    }
  }

  @Override
  public Worker worker(int number, int lease) {
    return new OneWorker(number);
  }

  private static String partition(int number) {
    return ITEMS + String.format(Locale.ROOT, "%02d/", number);
  }

  private final class OneWorker implements Worker {
    private final byte[] owner;
    private int at;
    private String held = "";

    OneWorker(int number) {
      this.owner = EtcdWire.bytes("worker-" + number);
      this.at = number % PARTITIONS;
    }

    @Override
    public List<String> claim() {
      for (int empty = 0; empty < PARTITIONS; ) {
        Optional<Found> first = first();
        if (first.isEmpty()) {
          at = (at + 1) % PARTITIONS;
          empty++;
        } else if (take(first.get())) {
          return List.of(first.get().key());
        }
      }
      return List.of();
    }

    private Optional<Found> first() {
      String items = partition(at);
      byte[] range = EtcdWire.firstKeys(items, items + "~", 1);
      var found = EtcdWire.found(Calls.unary(channel, EtcdWire.RANGE, range).join());
      return found.stream().findFirst();
    }

    private boolean take(Found item) {
      held = CLAIMS + item.key().substring(ITEMS.length());
      byte[] txn = EtcdWire.claim(item, held, owner);
      return EtcdWire.succeeded(Calls.unary(channel, EtcdWire.TXN, txn).join());
    }

    @Override
    public void complete() {
      Calls.unary(channel, EtcdWire.DELETE, EtcdWire.delete(held)).join();
    }
  }
}
