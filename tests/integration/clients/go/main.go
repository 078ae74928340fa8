// A consumer as ../README.md says, with franz-go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	bootstrap, group, topic := os.Args[1], os.Args[2], os.Args[3]
	count, err := strconv.Atoi(os.Args[4])
	check(err)
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(bootstrap, ",")...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ClientID("franz-go"), kgo.DisableAutoCommit(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	check(err)
	ctx := context.Background()
	for done := 0; done < count; {
		records := client.PollRecords(ctx, count-done).Records()
		check(client.CommitRecords(ctx, records...))
		done += len(records)
	}
	client.PauseFetchTopics(topic)
	fmt.Println("committed")
	io.Copy(io.Discard, os.Stdin)
	client.Close()
}
