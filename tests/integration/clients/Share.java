import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer of a share group, as README.md says: it accepts COUNT records, gives the others back and takes no more. */
public class Share {
  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("group.id", arguments[1]);
    properties.put("client.id", "share client");
    properties.put("share.acknowledgement.mode", "explicit");
    for (int i = 4; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    int left = Integer.parseInt(arguments[3]);
    CompletableFuture<Void> told = CompletableFuture.runAsync(Share::awaitEndOfInput);
    try (var consumer = new KafkaShareConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(arguments[2]));
      while (left > 0) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          consumer.acknowledge(record, left-- > 0 ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
        }
        consumer.commitSync();
      }
      System.out.println("committed");
      told.join();
    }
  }

  private static void awaitEndOfInput() {
    try {
      System.in.readAllBytes();
    } catch (IOException e) {
      // Stopped.
    }
  }
}
