package io.ringrift.node.web;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.ContextAwareRunnable;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import com.linecorp.armeria.common.util.BlockingTaskExecutor;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.ThreadFactories;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import com.linecorp.armeria.server.grpc.HttpJsonTranscodingOptions;
import com.linecorp.armeria.server.prometheus.PrometheusExpositionService;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.NonBlocking;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one port. Services are plain gRPC services that know nothing of it.
public final class WebServer implements AutoCloseable {
  /// Handlers at once, on virtual threads; well above the claims that may wait, so that waiting
  /// ones never keep the voters' own streams from being served.
  private static final int MOST_HANDLERS = 4000;

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

  /// Behind the graceful part: a reader that hangs would keep the rest of the node from its end.
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

  private static final GrpcJsonMarshaller JSON =
      GrpcJsonMarshaller.builderForGson()
          .jsonParserCustomizer((JsonFormat.Parser _) -> WebJson.PARSER)
          .jsonPrinterCustomizer((JsonFormat.Printer _) -> WebJson.PRINTER)
          .build();

  private final Server server;
  private final BlockingTaskExecutor handlers;

  private WebServer(Server server, BlockingTaskExecutor handlers) {
    this.server = server;
    this.handlers = handlers;
  }

  /// Serves; returns when the port is bound.
  ///
  /// @param local this node's services, for the event stream
  /// @throws io.ringrift.kernel.Refusal when the port is in use, naming its holder where it can
  public static WebServer start(
      WebConfig config,
      List<BindableService> services,
      Channel local,
      Probes probes,
      PrometheusMeterRegistry metrics) {
    var quick = quickPaths(services);
    var handlers =
        BlockingTaskExecutor.of(
            new HandlerThreads(
                MOST_HANDLERS,
                task ->
                    task instanceof ContextAwareRunnable of
                        && of.context() instanceof ServiceRequestContext call
                        && quick.contains(call.path())));
    var builder = Server.builder();
    limit(builder, config, handlers);
    builder.meterRegistry(metrics);
    serve(builder, config, services);
    builder.service("/health/live", (_, _) -> probe(true, "live", ""));
    builder.service("/health/ready", (_, _) -> ready(probes));
    builder.service("/health/leader", (_, _) -> probe(probes.leads().getAsBoolean(), "leader", ""));
    builder.service("/metrics", PrometheusExpositionService.of(metrics.getPrometheusRegistry()));
    builder.service("/v1/events", new EventStream(local));
    config.token().ifPresent(token -> builder.decorator(new TokenGate(token)));
    builder.decorator(new CallLimits(services, config.requestTimeout(), config.workTimeout()));
    builder.errorHandler(new JsonErrors());
    // Armeria reports each call that its client gave up as a warning of its own; ours are logged
    // where they are answered.
    builder.unloggedExceptionsReportInterval(Duration.ZERO);
    var server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      handlers.shutdownNow();
      throw PortHolder.refusal(
          config.host(), config.port(), e.getCause() == null ? e : e.getCause());
    }
    return new WebServer(server, handlers);
  }

  /// Where it listens.
  public int port() {
    return server.activeLocalPort();
  }

  /// Takes no new calls and ends those in progress within about two seconds. What they use may be
  /// closed next.
  @Override
  public void close() {
    var stopping = server.stop();
    handlers.shutdownNow(); // long polls are answered while their connections still are
    try {
      stopping.get(LONGEST_CLOSE.toMillis(), TimeUnit.MILLISECONDS);
      if (!handlers.awaitTermination(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("not every call in progress ended within {}", LONGEST_STOP);
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.error(
          "the port is not closed after {}: a handler hangs on a thread that reads; take a thread"
              + " dump (jcmd PID Thread.print) and start the node again",
          LONGEST_CLOSE,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Threads of Netty that end with their last connection: by default each group stays for two
  /// seconds to see whether there is more to do, the one behind the other, and nobody can call a
  /// node that begins again meanwhile.
  static EventLoopGroup eventLoops(int threads, String name) {
    return EventLoopGroups.builder()
        .numThreads(threads)
        .threadFactory(ThreadFactories.newEventLoopThreadFactory(name, false))
        .gracefulShutdown(Duration.ZERO, LONGEST_STOP)
        .build();
  }

  /// Armeria ends the group that accepts past what is set here, with Netty's two seconds. It is
  /// ended before that: the readers end behind the port, and Armeria hears of it after this.
  static EventLoopGroup acceptor(String name, EventLoopGroup readers) {
    EventLoopGroup acceptor = eventLoops(1, name);
    var _ =
        readers
            .terminationFuture()
            .addListener(
                _ -> {
                  var _ = acceptor.shutdownGracefully();
                });
    return acceptor;
  }

  private static void limit(
      ServerBuilder builder, WebConfig config, BlockingTaskExecutor handlers) {
    EventLoopGroup readers = eventLoops(2, "web");
    builder
        .http(new InetSocketAddress(config.host(), config.port()))
        .workerGroup(readers, true)
        .bossGroupFactory(name -> acceptor(name, readers))
        .blockingTaskExecutor(handlers, false)
        .maxNumConnections(config.maxConnections())
        .requestTimeout(config.requestTimeout())
        .maxRequestLength(config.maxMessageBytes())
        .idleTimeout(config.idleTimeout())
        .pingInterval(config.pingInterval())
        .http1MaxInitialLineLength(8 << 10)
        .http1MaxHeaderSize(config.maxHeaderBytes())
        .http2MaxHeaderListSize(config.maxHeaderBytes())
        .http2MaxStreamsPerConnection(1000)
        .http2MaxResetFramesPerWindow(200, 10)
        .gracefulShutdownTimeout(Duration.ZERO, LONGEST_STOP)
        .unloggedExceptionsReportInterval(Duration.ZERO)
        .disableServerHeader();
  }

  /// The paths of gRPC methods whose handlers do not block.
  private static Set<String> quickPaths(List<BindableService> services) {
    return services.stream()
        .flatMap(service -> NonBlocking.methods(service).stream())
        .map(name -> "/" + name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean neverBlocks(BindableService service) {
    return NonBlocking.methods(service).size() == service.bindService().getMethods().size();
  }

  /// Handlers that may wait have a thread for each call; the others run where the connection is
  /// read.
  private static void serve(
      ServerBuilder builder, WebConfig config, List<BindableService> services) {
    var quick = services.stream().filter(WebServer::neverBlocks).toList();
    var waiting = services.stream().filter(s -> !neverBlocks(s)).toList();
    builder.service(
        grpc(config)
            .addServices(waiting)
            .addService(ProtoReflectionServiceV1.newInstance())
            .enableHealthCheckService(true)
            .useBlockingTaskExecutor(true)
            .build());
    if (!quick.isEmpty()) {
      builder.service(grpc(config).addServices(quick).build());
    }
  }

  private static GrpcServiceBuilder grpc(WebConfig config) {
    return GrpcService.builder()
        .intercept(new ErrorMapping())
        .exceptionHandler(WebServer::status)
        .maxRequestMessageLength(config.maxMessageBytes())
        .jsonMarshallerFactory(_ -> JSON)
        .enableHttpJsonTranscoding(
            HttpJsonTranscodingOptions.builder().errorHandler(new JsonErrors()).build());
  }

  /// A message that cannot be read is told with the reader's own words, which name the field.
  private static @Nullable Status status(
      RequestContext ctx, Status status, Throwable cause, Metadata metadata) {
    return cause instanceof InvalidProtocolBufferException unreadable
        ? Status.INVALID_ARGUMENT.withDescription(unreadable.getMessage())
        : GrpcExceptionHandlerFunction.of().apply(ctx, status, cause, metadata);
  }

  private static HttpResponse ready(Probes probes) {
    var unready = probes.unready().get();
    return probe(unready.isEmpty(), "ready", unready.orElse(""));
  }

  private static HttpResponse probe(boolean holds, String name, String why) {
    Map<String, Object> body =
        why.isEmpty() ? Map.of(name, holds) : Map.of(name, holds, "error", why);
    return HttpResponse.of(
        holds ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE,
        MediaType.JSON_UTF_8,
        JsonErrors.bytes(body));
  }
}
