package io.ringrift.node.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What SIGHUP does to this process. The JDK has no supported way to hear of a signal; the one that
/// it exports from `jdk.unsupported` is used by name, because the compiler refuses to name it.
final class HangUp {
  private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /// From now on SIGHUP runs this, on a thread of the JVM's own, and ends nothing. A process that
  /// was told to ignore the signal when it began, by nohup for example, never hears of it.
  static void does(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object heard =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, arguments) -> {
                if (!method.getName().equals("handle")) {
                  return method.invoke(action, arguments);
                }
                action.run();
                return null;
              });
      Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
      Objects.requireNonNull(signal.getMethod("handle", signal, handler))
          .invoke(null, hangUp, heard);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      Throwable cause = e instanceof InvocationTargetException i ? i.getTargetException() : e;
      LOG.warn(
          "SIGHUP will not read the configuration again ({}); use ringrift config reload",
          cause.toString());
    }
  }
}
