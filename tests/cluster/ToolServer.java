import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.apache.kafka.common.utils.Exit;

/**
 * Kafka's command-line tools in one process, which starts only once: a line of standard input is a class and its
 * arguments, all separated by tabs. The answer is a line "EXIT-CODE LENGTH" and so many bytes, all that the tool has
 * printed. The class "jmx" is ours: PORT PATTERN..., and a line "NAME ATTRIBUTE VALUE" for each number or text of each bean.
 */
public class ToolServer {
  /** Thrown where a tool wants to end the process. Some catch it, complain and want to end again: the first counts. */
  static class Ended extends Error {}

  private static ByteArrayOutputStream said;
  private static int code;
  private static int length;

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    Exit.setExitProcedure(ToolServer::end);
    Exit.setHaltProcedure(ToolServer::end);
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      String[] words = line.split("\t", -1);
      answer(words[0], Arrays.copyOfRange(words, 1, words.length));
      answers.println(code + " " + length);
      answers.write(said.toByteArray(), 0, length);
      answers.flush();
    }
  }

  private static void end(int wanted, String message) {
    if (length < 0) {
      if (message != null) System.out.println(message);
      System.out.flush();
      code = wanted;
      length = said.size();
    }
    throw new Ended();
  }

  /** Leaves the answer in the variables above. */
  private static void answer(String name, String[] arguments) throws Exception {
    said = new ByteArrayOutputStream();
    length = -1;
    PrintStream sink = new PrintStream(said, true, "UTF-8");
    System.setOut(sink);
    System.setErr(sink);
    scala.Console$.MODULE$.setOutDirect(sink);
    scala.Console$.MODULE$.setErrDirect(sink);
    try {
      if (name.equals("jmx")) {
        readBeans(sink, arguments);
      } else {
        Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
      }
      code = length < 0 ? 0 : code;
    } catch (Throwable failure) {
      if (length < 0) {
        failure.printStackTrace(sink);
        code = 1;
      }
    }
    sink.flush();
    if (length < 0) length = said.size();
  }

  private static void readBeans(PrintStream sink, String[] arguments) throws Exception {
    JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + arguments[0] + "/jmxrmi");
    try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      for (int i = 1; i < arguments.length; i++) {
        Set<ObjectName> names = new TreeSet<>(beans.queryNames(new ObjectName(arguments[i]), null));
        for (ObjectName name : names) {
          for (var attribute : beans.getMBeanInfo(name).getAttributes()) {
            Object value = beans.getAttribute(name, attribute.getName());
            if (value instanceof Number || value instanceof String) {
              sink.println(name + "\t" + attribute.getName() + "\t" + value);
            }
          }
        }
      }
    }
  }
}
