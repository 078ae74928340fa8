import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Repartitioned;

/** A Streams application of two subtopologies, for capture_cluster.py: the first writes what the second reads. */
public class Streams {
  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("application.id", arguments[1]);
    properties.put("group.protocol", "streams");
    properties.put("num.stream.threads", "2");
    properties.put("replication.factor", "1");
    properties.put("state.dir", arguments[2]);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("orders", Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .selectKey((key, value) -> value)
        .repartition(Repartitioned.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("by-value"))
        .foreach((key, value) -> {});
    new KafkaStreams(builder.build(), properties).start();
  }
}
