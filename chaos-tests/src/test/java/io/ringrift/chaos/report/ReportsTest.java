package io.ringrift.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ringrift.chaos.check.Story;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

final class ReportsTest {
  private static final String HOSTILE = "<script>alert('x')</script>\"&\u0001";

  @TempDir Path folder;

  private static Judged judged(Story story, String... unmet) {
    RunEvidence run = story.evidence();
    return new Judged(run, Verdict.of(run, List.of(unmet)));
  }

  /// Every field that a node, a client or a file can fill.
  private static Judged hostile() {
    return judged(
        new Story()
            .described(HOSTILE)
            .submit(HOSTILE, 1, 2)
            .claim(HOSTILE, HOSTILE, 1, 3, 4)
            .claim(HOSTILE + "2", HOSTILE, 1, 5, 6)
            .leader(1, "n1", 1)
            .follower(2, "n2", 1, HOSTILE)
            .event(3, "n1", HOSTILE, 1, HOSTILE)
            .fault(HOSTILE, 1, 3, true, HOSTILE, HOSTILE)
            .effect(3, HOSTILE, HOSTILE, 1, 1, HOSTILE)
            .end(HOSTILE, HOSTILE, 1)
            .note(HOSTILE)
            .leftover(HOSTILE)
            .failed(HOSTILE),
        HOSTILE);
  }

  private static Judged split() {
    return judged(
        new Story()
            .leader(1, "n1", 1)
            .follower(1, "n2", 1, "n1")
            .fault("cut", 2, 9, true, "120 bytes", "n1")
            .leader(5, "n2", 2)
            .submit("a", 6, 7)
            .follower(10, "n1", 2, "n2"));
  }

  @Test
  void thePageHoldsNothingThatItWasNotMeantTo() throws IOException {
    String page = Files.readString(Reports.write(folder, hostile()));
    assertThat(page).doesNotContain("<script", "alert('x')", "\u0001").contains("&lt;script&gt;");
    assertThat(page)
        .as("loaded from elsewhere")
        .doesNotContain("http://", "https://", "src=", "@import", "url(");
    assertThat(parsed(page.replace("<!doctype html>", "").replaceAll("<meta [^>]*>", "")))
        .as("well formed")
        .isNotNull();
    var refused = new NotRun(HOSTILE, HOSTILE, "http", "bully", 1, HOSTILE, true);
    Reports.writeSum(folder, List.of(hostile()), List.of(refused));
    assertThat(Files.readString(folder.resolve("index.html"))).doesNotContain("<script");
  }

  @Test
  void thePageShowsVerdictFaultsEpochsAndViolations() {
    String page = RunPage.of(hostile());
    assertThat(page)
        .contains(">violated</span>", "one token for two claims", "<circle", "e1</text>");
    assertThat(RunPage.of(split())).contains("cut of n1", "chaos run story", "120 bytes");
  }

  @Test
  void aSplitIsToldStepByStep() {
    List<Beliefs.Step> steps = Beliefs.of(split().run()).steps();
    assertThat(steps.stream().map(Beliefs.Step::text))
        .containsExactly(
            "n1 leads epoch 1",
            "n2 follows n1 in epoch 1",
            "cut of n1 begins",
            "n2 leads epoch 2 (before: follows n1 in epoch 1)",
            "2 answers to who leads: n1 in epoch 1 by n1; n2 in epoch 2 by n2",
            "cut of n1 ends (120 bytes)",
            "n1 follows n2 in epoch 2 (before: leads epoch 1)",
            "one answer again after 5.000 s: n2 in epoch 2 by n1, n2. Meanwhile 1 operations were"
                + " acknowledged, 0 have no known outcome");
    assertThat(steps.get(4).kind()).isEqualTo("split");
    assertThat(steps.getLast().kind()).isEqualTo("whole");
  }

  /// n1 is cut off with two workers, is alone with its answer, gives up, and comes back.
  private static Story healed() {
    return new Story()
        .leader(1, "n1", 1)
        .follower(1, "n2", 1, "n1")
        .submit("a", 1, 1.1)
        .submit("b", 1, 1.1)
        .claim("w", "a", 1, 1.2, 1.3)
        .claim("v", "b", 1, 1.2, 1.3)
        .fault("cut", 2, 9, true, "120 bytes", "n1")
        .leader(4, "n2", 2)
        .unknown("w", Kind.RENEW, "a", 1, "", 5)
        .follower(6, "n1", 1, "")
        .claim("x", "a", 2, 7, 8)
        .follower(10, "n1", 2, "n2")
        .end(
            "n2",
            "h",
            1,
            new ItemFinal("a", "payload of a", "COMPLETED", 2, "x", ""),
            new ItemFinal("b", "payload of b", "PENDING", 1, "", ""));
  }

  @Test
  void theStoryNamesWhatWasOfferedAgainAndIsGreenOnlyBehindTheHeal() {
    List<Beliefs.Step> steps = Beliefs.of(healed().evidence()).steps();
    assertThat(steps.stream().filter(s -> s.kind().equals("whole")))
        .singleElement()
        .satisfies(step -> assertThat(step.atNanos()).isEqualTo(Story.nanos(10)));
    assertThat(steps.stream().map(Beliefs.Step::text))
        .containsSubsequence(
            "the only answer left: n2 in epoch 2 by n2; the fault cut goes on",
            "item a of w, token 1, was reset and offered again: x got it at 8.000 s, token 2; at"
                + " the end a is COMPLETED by x, token 2",
            "item b of v, token 1, was reset and waits again at the end",
            "nobody knows of #4: RENEW of a by w; at the end a is COMPLETED by x, token 2");
  }

  @Test
  void aNodeThatStandsStillIsAwaitedAndOneThatStaysAwayIsNot() {
    Story story =
        new Story()
            .leader(1, "n1", 1)
            .leader(4, "n2", 2)
            .follower(4, "n3", 2, "n2")
            .down(5, "n1")
            .follower(6, "n3", 2, "n2");
    assertThat(Beliefs.of(story.evidence()).steps())
        .last()
        .extracting(Beliefs.Step::kind)
        .isEqualTo("whole");
    assertThat(Beliefs.of(story.follower(9, "n1", 2, "n2").evidence()).steps())
        .filteredOn(step -> step.kind().equals("whole"))
        .extracting(Beliefs.Step::atNanos)
        .containsExactly(Story.nanos(9));
  }

  @Test
  void aSplitThatIsLeftOutIsNotDenied() {
    var story = new Story();
    for (int i = 0; i < 500; i++) {
      story.leader(i, "n1", i + 1);
      if (i == 250) {
        story.leader(i, "n2", 1).down(i, "n2");
      }
    }
    Beliefs.Told told = Beliefs.of(story.evidence());
    assertThat(told.steps()).noneMatch(step -> step.kind().equals("split"));
    assertThat(told.split()).isTrue();
  }

  @Test
  void manyStepsAreCutAndCounted() {
    var story = new Story();
    for (int i = 0; i < 500; i++) {
      story.leader(i, "n1", i + 1);
    }
    assertThat(Beliefs.of(story.evidence()).steps())
        .hasSize(Beliefs.MOST + 1)
        .extracting(Beliefs.Step::text)
        .contains("100 steps more, which are left out here")
        .last()
        .asString()
        .contains("leads epoch 500");
  }

  @Test
  void thePageOfALongHistoryStaysSmall() {
    var story = new Story();
    for (int i = 0; i < 30_000; i++) {
      story.submit("item" + i, i / 400.0, i / 400.0 + 0.01);
    }
    assertThat(RunPage.of(judged(story)).length()).isLessThan(600_000);
  }

  @Test
  void theTimelineOfARestlessRunStaysSmall() {
    var story = new Story(20_000);
    for (int i = 0; i < 20_000; i++) {
      double at = i / 200.0;
      story.leader(at, "n" + (1 + i % 3), i).event(at, "n1", "RESUMED", 0, "once more");
      story.fault("blow", at, at + 0.001, false, "9 bytes", "n1");
    }
    assertThat(Chart.of(judged(story)).length()).isLessThan(1_000_000);
  }

  @Test
  void junitCountsWhatItTells() throws IOException {
    Reports.writeSum(folder, List.of(hostile(), split()), List.of());
    Document xml = parsed(Files.readString(folder.resolve("junit.xml")));
    var suite = (Element) xml.getElementsByTagName("testsuite").item(0);
    assertThat(suite.getElementsByTagName("testcase").getLength())
        .isEqualTo(Integer.parseInt(suite.getAttribute("tests")));
    assertThat(suite.getElementsByTagName("failure").getLength())
        .isEqualTo(Integer.parseInt(suite.getAttribute("failures")))
        .isPositive();
    assertThat(suite.getElementsByTagName("error").getLength())
        .isEqualTo(Integer.parseInt(suite.getAttribute("errors")))
        .isPositive();
    assertThat(suite.getElementsByTagName("skipped").getLength())
        .isEqualTo(Integer.parseInt(suite.getAttribute("skipped")));
    assertThat(suite.getElementsByTagName("failure").item(0).getTextContent())
        .contains("<script>alert('x')</script>");
  }

  private static NotRun refused() {
    return new NotRun("ring", "netns", "http", "raft", 7, "it is not for mode <raft>", true);
  }

  @Test
  void whatWasNotRunStandsInEverySumWithTheReason() throws IOException {
    Reports.writeSum(folder, List.of(split()), List.of(refused()));
    Document xml = parsed(Files.readString(folder.resolve("junit.xml")));
    var suite = (Element) xml.getElementsByTagName("testsuite").item(1);
    assertThat(suite.getAttribute("name")).isEqualTo("ring-netns-http-raft-7");
    assertThat(suite.getAttribute("tests") + suite.getAttribute("skipped")).isEqualTo("11");
    var skipped = (Element) suite.getElementsByTagName("skipped").item(0);
    assertThat(skipped.getAttribute("message")).isEqualTo("not run: it is not for mode <raft>");
    assertThat(Files.readString(folder.resolve("index.html")))
        .contains("1 not run")
        .contains("<td>it is not for mode &lt;raft&gt;</td>");
    JsonNode sum = JsonMapper.builder().build().readTree(folder.resolve("suite.json").toFile());
    assertThat(sum.fieldNames()).toIterable().containsExactly("format", "runs", "notRun");
    assertThat(sum.at("/runs/0/name").asText()).isEqualTo("story-sim-http-bully-7");
    assertThat(sum.at("/notRun/0/reason").asText()).isEqualTo("it is not for mode <raft>");
    assertThat(SuiteFile.notRun(folder)).containsExactly(refused());
  }

  @Test
  void whatWasToRunAndDidNotIsAnError() throws IOException {
    var broken = new NotRun("ring", "netns", "http", "raft", 7, "it was interrupted", false);
    Reports.writeSum(folder, List.of(), List.of(broken, refused()));
    Document xml = parsed(Files.readString(folder.resolve("junit.xml")));
    var suite = (Element) xml.getElementsByTagName("testsuite").item(0);
    assertThat(suite.getAttribute("errors") + suite.getAttribute("skipped")).isEqualTo("10");
    var error = (Element) suite.getElementsByTagName("error").item(0);
    assertThat(error.getAttribute("message")).isEqualTo("not run: it was interrupted");
    assertThat(xml.getElementsByTagName("skipped").getLength()).isEqualTo(1);
    assertThat(SuiteFile.notRun(folder)).containsExactly(broken, refused());
  }

  @Test
  void aSumOfAnotherKindIsNamed() throws IOException {
    assertThat(SuiteFile.notRun(folder)).isEmpty();
    Files.writeString(folder.resolve("suite.json"), "{\"format\": 9}");
    assertThatThrownBy(() -> SuiteFile.notRun(folder))
        .hasMessageContaining("suite.json is no sum of chaos runs: it has format 9");
  }

  @Test
  void namesOfFieldsStayAsTheyAre() throws IOException {
    Reports.write(folder, split());
    JsonNode json =
        JsonMapper.builder()
            .build()
            .readTree(folder.resolve("story-sim-http-bully-7.json").toFile());
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("format", "verdict", "exitCode", "results", "run");
    assertThat(json.at("/results/0").fieldNames())
        .toIterable()
        .containsExactly("name", "source", "status", "evidence", "findings");
    assertThat(json.get("run").fieldNames())
        .toIterable()
        .containsExactly(
            "setting",
            "expectations",
            "faults",
            "samples",
            "views",
            "events",
            "finals",
            "effects",
            "audit",
            "sources",
            "leftovers",
            "notes",
            "cut",
            "failure",
            "history");
    assertThat(json.at("/run/history/operations/0").fieldNames())
        .toIterable()
        .containsExactly(
            "number",
            "client",
            "node",
            "kind",
            "request",
            "key",
            "token",
            "argument",
            "outcome",
            "answer",
            "reason",
            "invokedNanos",
            "returnedNanos");
    assertThat(json.at("/run/setting/claimLease").asText()).isEqualTo("PT10S");
  }

  @Test
  void whatWasWrittenIsReadBack() throws IOException {
    Judged judged = hostile();
    Reports.write(folder, judged);
    assertThat(EvidenceFile.read(folder.resolve(judged.name() + ".json"))).isEqualTo(judged);
  }

  @Test
  void aPageWithoutSamplesDoesNotSayWhatNobodyWasAsked() throws IOException {
    var empty = new Story();
    Path page = Reports.write(folder, new Judged(empty.evidence(), new Verdict(List.of(), "")));
    assertThat(Files.readString(page)).doesNotContain("At no time").doesNotContain("<svg");
  }

  @Test
  void aNodeThatEndedByItselfIsRedAndALongNameIsCut() throws IOException {
    var story =
        new Story()
            .leader(1, "n1", 1)
            .event(2, "n1", "EXITED", 0, "exit code 1")
            .read("a", "P", 0, "", 3, 4);
    story.ok(
        "a-client-with-a-long-name", Kind.READ, "a", 0, "", new Answer("a", "P", 0, "", ""), 3, 4);
    Path page = Reports.write(folder, new Judged(story.evidence(), new Verdict(List.of(), "")));
    assertThat(Files.readString(page))
        .containsPattern("var\\(--bad\\)\"><title>EXITED at 2.000 s")
        .contains("a-client-with-a-…<title>a-client-with-a-long-name");
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("x.json"), "{\"format\": 9}");
    assertThatThrownBy(() -> EvidenceFile.read(file))
        .hasMessageContaining(
            "x.json is no result of a chaos run: it has format 9; this build reads 5");
    Files.writeString(file, "{\"format\": 1, \"run\": {\"samples\": []}}");
    assertThatThrownBy(() -> EvidenceFile.read(file)).hasMessageContaining("it has format 1");
    Files.writeString(file, "no json");
    assertThatThrownBy(() -> EvidenceFile.read(file))
        .hasMessageContaining("x.json is no result of a chaos run");
  }

  private static Document parsed(String xml) throws IOException {
    try {
      return DocumentBuilderFactory.newDefaultInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    } catch (javax.xml.parsers.ParserConfigurationException | org.xml.sax.SAXException e) {
      throw new AssertionError(e);
    }
  }
}
