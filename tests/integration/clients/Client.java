import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer as README.md says; run from its source: `java -cp 'libs/*' Client.java ...`. */
public class Client {
  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("group.id", arguments[1]);
    properties.put("client.id", "java client");
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    for (int i = 4; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    int left = Integer.parseInt(arguments[3]);
    CompletableFuture<Void> told = CompletableFuture.runAsync(Client::awaitEndOfInput);
    try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(arguments[2]));
      Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
      while (left > 0) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (left-- > 0) {
            done.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
          }
        }
      }
      consumer.commitSync(done);
      System.out.println("committed");
      while (!told.isDone()) {
        consumer.pause(consumer.assignment());
        consumer.poll(Duration.ofMillis(100));
      }
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
