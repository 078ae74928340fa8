// A consumer as ../README.md says, with kafkajs.
const { Kafka, logLevel } = require('kafkajs');

async function main([bootstrap, groupId, topic, count]) {
  const kafka = new Kafka({ clientId: 'kafkajs', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let left = Number(count);
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      if (left <= 0) return;
      await consumer.commitOffsets([{ topic, partition, offset: (Number(message.offset) + 1).toString() }]);
      if (--left === 0) {
        consumer.pause([{ topic }]);
        console.log('committed');
      }
    },
  });
  process.stdin.resume();
  process.stdin.on('end', async () => {
    await consumer.disconnect();
    process.exit(0);
  });
}

main(process.argv.slice(2));
