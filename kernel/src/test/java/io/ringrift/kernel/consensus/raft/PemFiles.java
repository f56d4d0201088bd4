package io.ringrift.kernel.consensus.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// An authority and one certificate of it as PEM files, made by the JDK's keytool.
final class PemFiles {
  private static final String PASSWORD = "changeit";

  private PemFiles() {}

  /// Makes an authority of its own in that folder, and a key pair that it signed for 127.0.0.1 and
  /// ::1.
  static RaftTls make(Path folder) throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    String ca = folder.resolve("ca.p12").toString();
    String node = folder.resolve("node.p12").toString();
    String request = folder.resolve("node.csr").toString();
    String signed = folder.resolve("signed.pem").toString();
    String root = folder.resolve("root.pem").toString();
    keytool("-genkeypair", "-keystore", ca, "-alias", "a", "-dname", "CN=ca", "-ext", "bc:c");
    keytool("-exportcert", "-keystore", ca, "-alias", "a", "-rfc", "-file", root);
    keytool("-genkeypair", "-keystore", node, "-alias", "a", "-dname", "CN=node");
    keytool("-certreq", "-keystore", node, "-alias", "a", "-file", request);
    keytool(
        "-gencert",
        "-keystore",
        ca,
        "-alias",
        "a",
        "-rfc",
        "-infile",
        request,
        "-outfile",
        signed,
        "-ext",
        "san=ip:127.0.0.1,ip:0:0:0:0:0:0:0:1");
    Path key = folder.resolve("node.key");
    Path certificate = folder.resolve("node.pem");
    var store = KeyStore.getInstance(Path.of(node).toFile(), PASSWORD.toCharArray());
    write(key, "PRIVATE KEY", store.getKey("a", PASSWORD.toCharArray()).getEncoded());
    Files.copy(Path.of(signed), certificate);
    return new RaftTls(key, certificate, Path.of(root));
  }

  private static void write(Path file, String kind, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  private static void keytool(String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storepass", PASSWORD));
    if (!arguments[0].equals("-exportcert") && !arguments[0].equals("-certreq")) {
      command.addAll(List.of("-validity", "3650"));
    }
    if (arguments[0].equals("-genkeypair")) {
      command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    }
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
