import java.io.IOException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/**
 * A Kafka Streams application as README.md says, whose id is GROUP. It goes on reading and committing, and prints
 * `committed` when it has read COUNT records; the commit follows within a tenth of a second.
 */
public class Stream {
  public static void main(String[] arguments) throws IOException {
    Properties properties = new Properties();
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
    properties.put(StreamsConfig.CLIENT_ID_CONFIG, "streams client");
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    properties.put("auto.offset.reset", "earliest");
    for (int i = 4; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[3]));
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(arguments[2]).foreach((key, value) -> {
      if (left.decrementAndGet() == 0) System.out.println("committed");
    });
    try (KafkaStreams streams = new KafkaStreams(builder.build(), properties)) {
      streams.start();
      System.in.readAllBytes();
    }
  }
}
