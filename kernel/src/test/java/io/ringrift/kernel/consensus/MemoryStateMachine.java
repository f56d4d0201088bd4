package io.ringrift.kernel.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Remembers the commands it executed, in order; answers each with its number. Keeps nothing on
/// disk, like a machine whose own files were lost.
public class MemoryStateMachine implements StateMachine {
  private static final String NAMES = "names epoch ";

  public final List<String> commands = new CopyOnWriteArrayList<>();
  public final List<LogEntry> dropped = new CopyOnWriteArrayList<>();
  private final boolean sparse;
  private volatile LogPosition applied = LogPosition.START;
  private volatile Epoch greatest = Epoch.ZERO;

  /// A command behind which the state names this epoch.
  public static String names(Epoch epoch) {
    return NAMES + epoch.value();
  }

  /// Every entry of the log comes here.
  public MemoryStateMachine() {
    this(false);
  }

  /// @param sparse some entries of the log are no business of the machine's
  public MemoryStateMachine(boolean sparse) {
    this.sparse = sparse;
  }

  @Override
  public List<byte[]> apply(List<LogEntry> entries) {
    var results = new ArrayList<byte[]>();
    for (LogEntry entry : entries) {
      long gap = entry.index() - applied.index();
      if (sparse ? gap < 1 : gap != 1) {
        throw new IllegalStateException(entry + " does not follow " + applied);
      }
      applied = entry.position();
      if (entry.kind() == LogEntry.Kind.COMMAND) {
        add(new String(entry.payload(), UTF_8));
        results.add(Integer.toString(commands.size()).getBytes(UTF_8));
      } else {
        results.add(new byte[0]);
      }
    }
    return results;
  }

  private void add(String command) {
    commands.add(command);
    if (command.startsWith(NAMES)) {
      greatest = greatest.max(new Epoch(Long.parseLong(command.substring(NAMES.length()))));
    }
  }

  @Override
  public Epoch greatestEpoch() {
    return greatest;
  }

  @Override
  public LogPosition applied() {
    return applied;
  }

  @Override
  public void snapshot(OutputStream out) throws IOException {
    var data = new DataOutputStream(out);
    data.writeInt(commands.size());
    for (String command : commands) {
      data.writeUTF(command);
    }
    data.flush();
  }

  @Override
  public void restore(LogPosition position, InputStream in) throws IOException {
    var data = new DataInputStream(in);
    var restored = new ArrayList<String>();
    int size = data.readInt();
    for (int i = 0; i < size; i++) {
      restored.add(data.readUTF());
    }
    commands.clear();
    restored.forEach(this::add);
    applied = position;
  }

  @Override
  public String stateHash() {
    return Integer.toHexString(commands.hashCode());
  }

  @Override
  public void dropped(List<LogEntry> entries) {
    dropped.addAll(entries);
  }

  public final void goBackTo(LogPosition position) {
    applied = position;
  }
}
