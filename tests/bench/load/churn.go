package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	churnLife   = 30 * time.Second
	churnPrefix = "churn-"
	// Few, for kfake looks through the files of all partitions for each one that it deletes.
	churnPartitions = 3
)

// churn creates topics, each with a group and a commit, and deletes them after churnLife.
type churn struct {
	cluster   *kfake.Cluster
	perSecond atomic.Int64
	made      int
	alive     []mortal // the oldest first
}

type mortal struct {
	name string
	born time.Time
}

// run never returns.
func (c *churn) run(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(c.cluster.ListenAddrs()...), kgo.ClientID(ownClient))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if err := c.step(ctx, admin, now); err != nil {
				return fmt.Errorf("churn: %w", err)
			}
		}
	}
}

func (c *churn) step(ctx context.Context, admin *kadm.Client, now time.Time) error {
	for range c.perSecond.Load() {
		name := padded(fmt.Sprintf(churnPrefix+"%08d", c.made))
		if err := c.add(ctx, admin, name); err != nil {
			return err
		}
		c.made++
		c.alive = append(c.alive, mortal{name, now})
	}
	for len(c.alive) > 0 && now.Sub(c.alive[0].born) >= churnLife {
		if _, err := admin.DeleteGroup(ctx, c.alive[0].name); err != nil {
			return err
		}
		if err := c.cluster.DeleteTopic(c.alive[0].name); err != nil {
			return err
		}
		c.alive = c.alive[1:]
	}
	return nil
}

func (c *churn) add(ctx context.Context, admin *kadm.Client, name string) error {
	if err := c.cluster.CreateTopic(name, churnPartitions, nil); err != nil {
		return err
	}
	var offsets kadm.Offsets
	for partition := range churnPartitions {
		offsets.AddOffset(name, int32(partition), 0, -1)
	}
	return admin.CommitAllOffsets(ctx, name, offsets)
}
