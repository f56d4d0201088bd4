package io.ringrift.node.cli;

import io.grpc.Channel;
import io.ringrift.loop.v1.ListLoopsRequest;
import io.ringrift.loop.v1.Loop;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.loop.v1.LoopServiceGrpc.LoopServiceBlockingStub;
import io.ringrift.loop.v1.PauseLoopRequest;
import io.ringrift.loop.v1.ResetLoopRequest;
import io.ringrift.loop.v1.RestartLoopRequest;
import io.ringrift.loop.v1.ResumeLoopRequest;
import io.ringrift.loop.v1.RunLoopRequest;
import io.ringrift.node.client.ClusterClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ringrift loop …`: loops of the node that is asked.
@Command(
    name = "loop",
    description = "Periodic work of the node that is asked.",
    subcommands = {
      LoopCommand.ListLoops.class,
      LoopCommand.Run.class,
      LoopCommand.Pause.class,
      LoopCommand.Resume.class,
      LoopCommand.Reset.class,
      LoopCommand.Restart.class
    },
    mixinStandardHelpOptions = true)
final class LoopCommand {
  @Command(name = "list", description = "Loops with their health, rounds and errors.")
  static final class ListLoops extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var answer = client.call(c -> stub(c).listLoops(ListLoopsRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.table(HEADER, answer.getLoopsList().stream().map(LoopCommand::row).toList());
      }
      return ExitCodes.OK;
    }
  }

  /// A verb about one loop.
  abstract static class OnLoop extends Verb {
    @Parameters(paramLabel = "LOOP", description = "Name, as \"loop list\" shows it.")
    String name = "";

    abstract Loop act(LoopServiceBlockingStub stub);

    @Override
    int run(ClusterClient client, Printer printer) {
      Loop loop = client.callOnce(c -> act(stub(c)));
      if (connection.json()) {
        printer.json(loop);
      } else {
        printer.table(HEADER, List.of(row(loop)));
      }
      return loop.getConsecutiveErrors() > 0 ? ExitCodes.FAILED : ExitCodes.OK;
    }
  }

  @Command(name = "run", description = "One round, now; exit 1 if it failed.")
  static final class Run extends OnLoop {
    @Override
    Loop act(LoopServiceBlockingStub stub) {
      return stub.runLoop(RunLoopRequest.newBuilder().setName(name).build()).getLoop();
    }
  }

  @Command(name = "pause", description = "No more rounds until resumed.")
  static final class Pause extends OnLoop {
    @Override
    Loop act(LoopServiceBlockingStub stub) {
      return stub.pauseLoop(PauseLoopRequest.newBuilder().setName(name).build()).getLoop();
    }
  }

  @Command(name = "resume", description = "Rounds again.")
  static final class Resume extends OnLoop {
    @Override
    Loop act(LoopServiceBlockingStub stub) {
      return stub.resumeLoop(ResumeLoopRequest.newBuilder().setName(name).build()).getLoop();
    }
  }

  @Command(name = "reset", description = "Forgets its rounds, errors and times.")
  static final class Reset extends OnLoop {
    @Override
    Loop act(LoopServiceBlockingStub stub) {
      return stub.resetLoop(ResetLoopRequest.newBuilder().setName(name).build()).getLoop();
    }
  }

  @Command(name = "restart", description = "Ends its round in progress and starts it anew.")
  static final class Restart extends OnLoop {
    @Override
    Loop act(LoopServiceBlockingStub stub) {
      return stub.restartLoop(RestartLoopRequest.newBuilder().setName(name).build()).getLoop();
    }
  }

  private static final List<String> HEADER =
      List.of(
          "LOOP",
          "STATE",
          "INTERVAL",
          "LEADER ONLY",
          "ROUNDS",
          "FAILED",
          "TOOK",
          "LAST SUCCESS",
          "LAST ERROR",
          "HEALTH",
          "ERROR");

  private static List<String> row(Loop loop) {
    return List.of(
        loop.getName(),
        loop.getState(),
        Printer.seconds(loop.getInterval()),
        loop.getLeaderOnly() ? "yes" : "no",
        Long.toString(loop.getTotalRuns()),
        Long.toString(loop.getFailedRuns()),
        Printer.seconds(loop.getLastRunDuration()),
        Printer.time(loop.getLastSuccessTime()),
        Printer.time(loop.getLastErrorTime()),
        loop.getHealthy() ? "fit" : "unfit",
        Printer.orDash(loop.getLastErrorMessage()));
  }

  private static LoopServiceBlockingStub stub(Channel channel) {
    return LoopServiceGrpc.newBlockingStub(channel);
  }

  private LoopCommand() {}
}
