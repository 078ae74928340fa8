package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Members send no heartbeats.
const memberSession = 24 * time.Hour

const committers = 16

func padded(name string) string { return name + strings.Repeat("x", max(0, *nameLength-len(name))) }

func topicName(number int) string { return padded(fmt.Sprintf("load-topic-%05d", number)) }
func groupName(number int) string { return padded(fmt.Sprintf("load-group-%05d", number)) }

// fill produces records to all partitions and commits offsets of all groups.
func fill(ctx context.Context, addresses []string) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(addresses...),
		kgo.ClientID(ownClient),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableIdempotentWrite(),
		kgo.ProducerLinger(50*time.Millisecond),
		kgo.MaxBufferedRecords(100_000),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := produce(ctx, client); err != nil {
		return fmt.Errorf("producing: %w", err)
	}
	return inParallel(ctx, *groups, func(group int) error {
		if err := commit(ctx, client, group); err != nil {
			return fmt.Errorf("committing for %s: %w", groupName(group), err)
		}
		if !*live {
			return nil
		}
		if err := join(ctx, client, group); err != nil {
			return fmt.Errorf("joining %s: %w", groupName(group), err)
		}
		return nil
	})
}

func produce(ctx context.Context, client *kgo.Client) error {
	var failed atomic.Pointer[error]
	first := time.Now().Add(-*age)
	for topic := range *topics {
		name := topicName(topic)
		for partition := range *partitions {
			for record := range *records {
				client.Produce(ctx, &kgo.Record{
					Topic:     name,
					Partition: int32(partition),
					Value:     []byte("0123456789abcdef"),
					Timestamp: first.Add(time.Duration(record) * time.Second),
				}, func(_ *kgo.Record, err error) {
					if err != nil {
						failed.CompareAndSwap(nil, &err)
					}
				})
			}
		}
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// owned calls each with the partitions of a group, assigned round robin.
func owned(group int, each func(number int, topic string, partition int32)) {
	all := *topics * *partitions
	for i := range min(*perGroup, all) {
		number := (group**perGroup + i) % all
		each(number, topicName(number / *partitions), int32(number%*partitions))
	}
}

// commit leaves the group with a lag of 0 to *records on each of its partitions.
func commit(ctx context.Context, client *kgo.Client, group int) error {
	var offsets kadm.Offsets
	owned(group, func(number int, topic string, partition int32) {
		offsets.AddOffset(topic, partition, int64(number%(*records+1)), -1)
	})
	return kadm.NewClient(client).CommitAllOffsets(ctx, groupName(group), offsets)
}

// join adds a member that owns all of the group's partitions and sends no heartbeats.
func join(ctx context.Context, client *kgo.Client, group int) error {
	var topics []string
	assignment := kmsg.NewConsumerMemberAssignment()
	owned(group, func(_ int, topic string, partition int32) {
		if len(topics) == 0 || topics[len(topics)-1] != topic {
			topics = append(topics, topic)
			assigned := kmsg.NewConsumerMemberAssignmentTopic()
			assigned.Topic = topic
			assignment.Topics = append(assignment.Topics, assigned)
		}
		last := &assignment.Topics[len(assignment.Topics)-1]
		last.Partitions = append(last.Partitions, partition)
	})
	metadata := kmsg.NewConsumerMemberMetadata()
	metadata.Topics = topics
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name = "range"
	protocol.Metadata = metadata.AppendTo(nil)

	joining := kmsg.NewPtrJoinGroupRequest()
	joining.Group = groupName(group)
	joining.ProtocolType = "consumer"
	joining.Protocols = append(joining.Protocols, protocol)
	joining.SessionTimeoutMillis = int32(memberSession.Milliseconds())
	joining.RebalanceTimeoutMillis = 1000
	joining.InstanceID = kmsg.StringPtr("0") // a static member joins in one request
	joined, err := joining.RequestWith(ctx, client)
	if err = errors.Join(err, codeOf(joined, func() int16 { return joined.ErrorCode })); err != nil {
		return err
	}

	share := kmsg.NewSyncGroupRequestGroupAssignment()
	share.MemberID = joined.MemberID
	share.MemberAssignment = assignment.AppendTo(nil)
	syncing := kmsg.NewPtrSyncGroupRequest()
	syncing.Group = joining.Group
	syncing.Generation = joined.Generation
	syncing.MemberID = joined.MemberID
	syncing.InstanceID = joining.InstanceID
	syncing.ProtocolType = kmsg.StringPtr(joining.ProtocolType)
	syncing.Protocol = kmsg.StringPtr(protocol.Name)
	syncing.GroupAssignment = append(syncing.GroupAssignment, share)
	synced, err := syncing.RequestWith(ctx, client)
	return errors.Join(err, codeOf(synced, func() int16 { return synced.ErrorCode }))
}

func codeOf[T any](answer *T, code func() int16) error {
	if answer == nil {
		return nil
	}
	return kerr.ErrorForCode(code())
}

// inParallel calls each with 0 to count-1, and returns the first error.
func inParallel(ctx context.Context, count int, each func(int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range committers {
		workers.Go(func() {
			for ctx.Err() == nil {
				number := int(next.Add(1) - 1)
				if number >= count {
					return
				}
				if err := each(number); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
