package io.ringrift.kernel.membership.swim;

import io.netty.util.NetUtil;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names to addresses without ever holding up the caller: a name is looked up on a virtual thread
/// and asked again after half a minute, since nodes move. Any thread.
final class AddressCache {
  private static final Logger LOG = LoggerFactory.getLogger(AddressCache.class);
  private static final Duration FRESH = Duration.ofSeconds(30);
  private static final int MAX_NAMES = 2048;

  private record Known(InetSocketAddress address, Moment at) {}

  private final Map<String, Known> names = new ConcurrentHashMap<>();
  private final Ticker ticker;

  AddressCache(Ticker ticker) {
    this.ticker = ticker;
  }

  /// Hands the address over, at once when it is known or numeric; never for an unknown name.
  void resolve(String address, Consumer<InetSocketAddress> then) {
    Known known = names.get(address);
    if (known != null && ticker.now().since(known.at()).compareTo(FRESH) < 0) {
      then.accept(known.address());
      return;
    }
    Endpoint endpoint = Endpoint.parse(address);
    if (NetUtil.createByteArrayFromIpAddressString(endpoint.host()) != null) {
      then.accept(new InetSocketAddress(endpoint.host(), endpoint.port()));
      return;
    }
    var _ = Thread.ofVirtual().name("swim-name").start(() -> look(address, endpoint, then));
  }

  private void look(String address, Endpoint endpoint, Consumer<InetSocketAddress> then) {
    try {
      var found = new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port());
      if (names.size() >= MAX_NAMES) {
        names.clear();
      }
      names.put(address, new Known(found, ticker.now()));
      then.accept(found);
    } catch (UnknownHostException e) {
      LOG.debug("no address for {}", endpoint.host());
    }
  }
}
