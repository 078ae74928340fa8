package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	apiVersions    = int16(kmsg.ApiVersions)
	describeQuorum = int16(kmsg.DescribeQuorum)
	newestQuorum   = 2 // of DescribeQuorum's versions
)

// addMissing adds DescribeQuorum, which kfake does not support. Without it the exporter would not send the request.
func addMissing(ctx context.Context, cluster *kfake.Cluster) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()[0]), kgo.ClientID(ownClient))
	if err != nil {
		return err
	}
	defer client.Close()
	asking := kmsg.NewPtrApiVersionsRequest()
	asking.ClientSoftwareName, asking.ClientSoftwareVersion = ownClient, "1"
	known, err := asking.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if err := kerr.ErrorForCode(known.ErrorCode); err != nil {
		return fmt.Errorf("the versions of kfake: %w", err)
	}
	quorum := kmsg.NewApiVersionsResponseApiKey()
	quorum.ApiKey, quorum.MaxVersion = describeQuorum, newestQuorum
	keys := append(known.ApiKeys, quorum)

	cluster.ControlKey(apiVersions, func(r kmsg.Request) (kmsg.Response, error, bool) {
		request := r.(*kmsg.ApiVersionsRequest)
		if request.Version > known.Version { // kfake says no to that
			return nil, nil, false
		}
		cluster.KeepControl()
		answer := request.ResponseKind().(*kmsg.ApiVersionsResponse)
		answer.ApiKeys = keys
		answer.SupportedFeatures = known.SupportedFeatures
		answer.FinalizedFeatures = known.FinalizedFeatures
		answer.FinalizedFeaturesEpoch = known.FinalizedFeaturesEpoch
		return answer, nil, true
	})
	begin := time.Now()
	cluster.ControlKey(describeQuorum, func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return tellQuorum(r.(*kmsg.DescribeQuorumRequest), begin), nil, true
	})
	return nil
}

// tellQuorum responds with a quorum of all brokers, caught up, with two records per second.
func tellQuorum(request *kmsg.DescribeQuorumRequest, begin time.Time) *kmsg.DescribeQuorumResponse {
	answer := request.ResponseKind().(*kmsg.DescribeQuorumResponse)
	partition := kmsg.NewDescribeQuorumResponseTopicPartition()
	partition.LeaderEpoch = 1
	partition.HighWatermark = 1000 + 2*int64(time.Since(begin).Seconds())
	for id := range brokers {
		voter := kmsg.NewDescribeQuorumResponseTopicPartitionReplicaState()
		voter.ReplicaID = int32(id)
		voter.LogEndOffset = partition.HighWatermark
		voter.LastFetchTimestamp = time.Now().UnixMilli()
		voter.LastCaughtUpTimestamp = voter.LastFetchTimestamp
		partition.CurrentVoters = append(partition.CurrentVoters, voter)

		address := kmsg.NewDescribeQuorumResponseNodeListener()
		address.Name, address.Host, address.Port = "CONTROLLER", "127.0.0.1", 9093
		node := kmsg.NewDescribeQuorumResponseNode()
		node.NodeID = int32(id)
		node.Listeners = append(node.Listeners, address)
		answer.Nodes = append(answer.Nodes, node)
	}
	topic := kmsg.NewDescribeQuorumResponseTopic()
	topic.Topic = "__cluster_metadata"
	topic.Partitions = append(topic.Partitions, partition)
	answer.Topics = append(answer.Topics, topic)
	return answer
}
