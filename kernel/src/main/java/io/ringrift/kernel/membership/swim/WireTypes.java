package io.ringrift.kernel.membership.swim;

import io.scalecube.cluster.Member;
import io.scalecube.cluster.fdetector.FailureDetectorEvent;
import io.scalecube.cluster.membership.MemberStatus;
import io.scalecube.cluster.transport.api.Message;
import java.io.Externalizable;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The closed list of ScaleCube's message types, and the few things to know of those that it keeps
/// to itself. They are reached by reflection, all of it here; a version that lacks one stops the
/// start.
final class WireTypes {
  private static final String ROOT = "io.scalecube.cluster.";

  private static final String RECORD = ROOT + "membership.MembershipRecord";
  private static final String SYNC = ROOT + "membership.SyncData";
  private static final String PING = ROOT + "fdetector.PingData";
  private static final String ACK_TYPE = ROOT + "fdetector.PingData$AckType";
  private static final String METADATA_REQUEST = ROOT + "metadata.GetMetadataRequest";
  private static final String METADATA_RESPONSE = ROOT + "metadata.GetMetadataResponse";

  /// The order is the wire form: a type's place here, from 1, is its tag.
  private static final List<String> MESSAGES =
      List.of(
          Message.class.getName(),
          Member.class.getName(),
          RECORD,
          SYNC,
          PING,
          METADATA_REQUEST,
          METADATA_RESPONSE);

  private static final List<String> ENUMS = List.of(MemberStatus.class.getName(), ACK_TYPE);

  private final List<Constructor<?>> messages = new ArrayList<>();
  private final List<Object[]> enums = new ArrayList<>();
  private final Map<String, Method> getters;
  private final Constructor<?> newSync;
  private final Constructor<FailureDetectorEvent> newEvent;

  WireTypes() {
    try {
      for (String name : MESSAGES) {
        Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
        constructor.setAccessible(true);
        messages.add(constructor);
      }
      for (String name : ENUMS) {
        enums.add(Objects.requireNonNull(Class.forName(name).getEnumConstants()));
      }
      newSync = Class.forName(SYNC).getDeclaredConstructor(Collection.class);
      newSync.setAccessible(true);
      newEvent =
          FailureDetectorEvent.class.getDeclaredConstructor(Member.class, MemberStatus.class);
      newEvent.setAccessible(true);
      getters =
          Map.ofEntries(
              getter(RECORD, "member"),
              getter(RECORD, "status"),
              getter(RECORD, "incarnation"),
              getter(SYNC, "getMembership"),
              getter(PING, "getFrom"),
              getter(PING, "getTo"),
              getter(PING, "getOriginalIssuer"),
              getter(PING, "getAckType"),
              getter(METADATA_REQUEST, "getMember"),
              getter(METADATA_RESPONSE, "getMetadata"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of ScaleCube has other message types", e);
    }
  }

  /// One record of a membership table.
  record Row(Member member, MemberStatus status, int incarnation) {}

  // ---- the wire form

  /// 0 for a type that does not travel.
  int tagOf(Object value) {
    return MESSAGES.indexOf(value.getClass().getName()) + 1;
  }

  /// A new message of that tag, or null for none.
  @Nullable Externalizable create(int tag) {
    if (tag < 1 || tag > messages.size()) {
      return null;
    }
    try {
      return (Externalizable) messages.get(tag - 1).newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create " + MESSAGES.get(tag - 1), e);
    }
  }

  /// Whether the integers of that type are numbers of what follows, so that none may be greater
  /// than what is left of the frame.
  boolean countsOnly(Object value) {
    return !value.getClass().getName().equals(RECORD);
  }

  /// Place of the enum's type in the list, or -1.
  int enumOf(Object value) {
    return value instanceof Enum<?> constant
        ? ENUMS.indexOf(constant.getDeclaringClass().getName())
        : -1;
  }

  /// Place of a constant among those of its type.
  int placeOf(Object constant) {
    return Arrays.asList(enums.get(enumOf(constant))).indexOf(constant);
  }

  /// A constant, or null for none.
  @Nullable Object constant(int type, int place) {
    if (type < 0 || type >= enums.size()) {
      return null;
    }
    Object[] constants = enums.get(type);
    return place < 0 || place >= constants.length ? null : constants[place];
  }

  // ---- what messages hold; null where a hostile sender left it out

  @Nullable Row row(@Nullable Object value) {
    if (!is(value, RECORD)) {
      return null;
    }
    var member = (Member) get(RECORD, "member", value);
    var status = (MemberStatus) get(RECORD, "status", value);
    var incarnation = (Integer) get(RECORD, "incarnation", value);
    return member == null || status == null || incarnation == null
        ? null
        : new Row(member, status, incarnation);
  }

  /// The rows of a sync; null when it is none or one of them is not whole.
  @Nullable List<Row> sync(@Nullable Object value) {
    if (!is(value, SYNC)) {
      return null;
    }
    var rows = new ArrayList<Row>();
    for (Object each : records(value)) {
      Row row = row(each);
      if (row == null) {
        return null;
      }
      rows.add(row);
    }
    return rows;
  }

  /// The records of a sync as they are; empty when it is none.
  Collection<?> records(@Nullable Object value) {
    return is(value, SYNC)
        ? (Collection<?>) Objects.requireNonNull(get(SYNC, "getMembership", value))
        : List.of();
  }

  /// Records as one message: a table, or a part of it.
  Object table(Collection<?> records) {
    try {
      return newSync.newInstance(records);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create " + SYNC, e);
    }
  }

  /// That a member is dead, as a probe would say it.
  FailureDetectorEvent death(Member member) {
    try {
      return newEvent.newInstance(member, MemberStatus.DEAD);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create the event of a death", e);
    }
  }

  /// Which of two words about one member holds, by ScaleCube's rules.
  static Words.Rank rank(Row row) {
    int rank =
        switch (row.status()) {
          case ALIVE -> 0;
          case LEAVING -> 1;
          case SUSPECT -> 2;
          case DEAD -> 3;
        };
    return new Words.Rank(row.incarnation(), rank);
  }

  boolean isWholePing(@Nullable Object value, boolean answered) {
    return is(value, PING)
        && get(PING, "getFrom", value) != null
        && get(PING, "getTo", value) != null
        && (!answered || get(PING, "getAckType", value) != null);
  }

  @Nullable Member pingFrom(@Nullable Object value) {
    return is(value, PING) ? (Member) get(PING, "getFrom", value) : null;
  }

  /// Everybody that the ping names, whose addresses may be dialled.
  List<Member> pingMembers(Object ping) {
    var members = new ArrayList<Member>();
    for (String each : List.of("getFrom", "getTo", "getOriginalIssuer")) {
      if (get(PING, each, ping) instanceof Member member) {
        members.add(member);
      }
    }
    return members;
  }

  boolean isMetadataRequest(@Nullable Object value) {
    return is(value, METADATA_REQUEST) && get(METADATA_REQUEST, "getMember", value) != null;
  }

  /// Id of the member whose card is asked for; null when none is.
  @Nullable String metadataOf(@Nullable Object value) {
    return is(value, METADATA_REQUEST)
            && get(METADATA_REQUEST, "getMember", value) instanceof Member member
        ? member.id()
        : null;
  }

  boolean isMetadataResponse(@Nullable Object value) {
    return is(value, METADATA_RESPONSE) && get(METADATA_RESPONSE, "getMetadata", value) != null;
  }

  // ---- reflection

  private static boolean is(@Nullable Object value, String type) {
    return value != null && value.getClass().getName().equals(type);
  }

  private static Map.Entry<String, Method> getter(String type, String name)
      throws ReflectiveOperationException {
    Method method = Class.forName(type).getDeclaredMethod(name);
    method.setAccessible(true);
    return Map.entry(type + "." + name, method);
  }

  private @Nullable Object get(String type, String name, @Nullable Object of) {
    try {
      return Objects.requireNonNull(getters.get(type + "." + name)).invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + name + " of " + type, e);
    }
  }
}
