package main

import (
	"context"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	listOffsets = int16(kmsg.ListOffsets)
	offsetFetch = int16(kmsg.OffsetFetch)
	latest      = -1
)

// movement lets all partitions and groups advance without producing records: it adds the same number to all offsets in
// responses. Producing 100,000 batches per second would keep the brokers busy.
type movement struct {
	cluster *kfake.Cluster
	// Constant after fill, to make responses as cheap as kfake's own. Used by kfake's goroutine only.
	partitions map[string][]*kfake.PartitionInfo
	groups     map[string]*kfake.GroupInfo

	mutex sync.Mutex
	moves []int64 // when, in ms: so many records more are in each partition
	timer *time.Ticker
}

func newMovement(cluster *kfake.Cluster) *movement {
	m := &movement{
		cluster:    cluster,
		partitions: map[string][]*kfake.PartitionInfo{},
		groups:     map[string]*kfake.GroupInfo{},
		timer:      time.NewTicker(time.Hour),
	}
	m.timer.Stop()
	m.intercept(listOffsets, func(r kmsg.Request, moves []int64) kmsg.Response {
		return m.listOffsets(r.(*kmsg.ListOffsetsRequest), moves)
	})
	m.intercept(offsetFetch, func(r kmsg.Request, moves []int64) kmsg.Response {
		return m.offsetFetch(r.(*kmsg.OffsetFetchRequest), moves)
	})
	return m
}

// set sets the interval at which everything advances; 0 stops it.
func (m *movement) set(every time.Duration) {
	if every > 0 {
		m.timer.Reset(every)
	} else {
		m.timer.Stop()
	}
}

// run never returns.
func (m *movement) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-m.timer.C:
			m.mutex.Lock()
			m.moves = append(m.moves, now.UnixMilli())
			m.mutex.Unlock()
		}
	}
}

// intercept responds in place of kfake once something has moved. A nil response is left to kfake.
func (m *movement) intercept(api int16, answer func(kmsg.Request, []int64) kmsg.Response) {
	m.cluster.ControlKey(api, func(r kmsg.Request) (kmsg.Response, error, bool) {
		m.mutex.Lock()
		moves := m.moves
		m.mutex.Unlock()
		if len(moves) == 0 {
			return nil, nil, false
		}
		response := answer(r, moves)
		if response == nil {
			return nil, nil, false
		}
		m.cluster.KeepControl()
		return response, nil, true
	})
}

// once asks for what comes and goes, as churn has it, each time.
func once[T any](known map[string]T, name string, ask func(string) T) T {
	if strings.HasPrefix(name, churnPrefix) {
		return ask(name)
	}
	info, ok := known[name]
	if !ok {
		info = ask(name)
		known[name] = info
	}
	return info
}

func (m *movement) listOffsets(request *kmsg.ListOffsetsRequest, moves []int64) kmsg.Response {
	answer := request.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, asked := range request.Topics {
		partitions := once(m.partitions, asked.Topic, m.cluster.PartitionInfos)
		topic := kmsg.NewListOffsetsResponseTopic()
		topic.Topic = asked.Topic
		for _, wanted := range asked.Partitions {
			partition := kmsg.NewListOffsetsResponseTopicPartition()
			partition.Partition = wanted.Partition
			if int(wanted.Partition) >= len(partitions) {
				partition.ErrorCode = kerr.UnknownTopicOrPartition.Code
			} else {
				partition.LeaderEpoch = wanted.CurrentLeaderEpoch
				offsetAt(wanted.Timestamp, partitions[wanted.Partition], moves, &partition)
			}
			topic.Partitions = append(topic.Partitions, partition)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	return answer
}

// offsetAt returns the first record with the timestamp or a later one, or none.
func offsetAt(
	timestamp int64, info *kfake.PartitionInfo, moves []int64, answer *kmsg.ListOffsetsResponseTopicPartition,
) {
	switch {
	case timestamp == latest:
		answer.Offset = info.HighWatermark + int64(len(moves))
	case timestamp < 0:
		answer.Offset = info.LogStartOffset
	case info.HighWatermark > 0 && timestamp <= info.MaxTimestamp:
		// The written records are a second apart.
		back := min((info.MaxTimestamp-timestamp)/1000, info.HighWatermark-1)
		answer.Offset, answer.Timestamp = info.HighWatermark-1-back, info.MaxTimestamp-1000*back
	default:
		after := sort.Search(len(moves), func(i int) bool { return moves[i] >= timestamp })
		if after == len(moves) {
			answer.Offset, answer.Timestamp = -1, -1
			return
		}
		answer.Offset, answer.Timestamp = info.HighWatermark+int64(after), moves[after]
	}
}

// offsetFetch is for requests about all offsets of groups, by name; others see commits that do not move.
func (m *movement) offsetFetch(request *kmsg.OffsetFetchRequest, moves []int64) kmsg.Response {
	answer := request.ResponseKind().(*kmsg.OffsetFetchResponse)
	if request.Version != 8 && request.Version != 9 {
		return nil
	}
	for _, asked := range request.Groups {
		if asked.Topics != nil {
			return nil
		}
		group := kmsg.NewOffsetFetchResponseGroup()
		group.Group = asked.Group
		info := once(m.groups, asked.Group, m.cluster.GroupInfo)
		if info == nil { // kfake calls that an error, which brokers do not
			info = new(kfake.GroupInfo)
		}
		for name, commits := range info.Commits {
			topic := kmsg.NewOffsetFetchResponseGroupTopic()
			topic.Topic = name
			for number, commit := range commits {
				partition := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				partition.Partition = number
				partition.Offset = commit.Offset + int64(len(moves))
				partition.LeaderEpoch = commit.LeaderEpoch
				topic.Partitions = append(topic.Partitions, partition)
			}
			group.Topics = append(group.Topics, topic)
		}
		answer.Groups = append(answer.Groups, group)
	}
	return answer
}
