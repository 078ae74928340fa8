// load: three fake Kafka brokers of a given size in one process, for benchmarks: franz-go's kfake behind listeners that
// log each request and can delay responses.
//
//	GET /ready      200 once all topics and groups are there
//	GET /requests   a line for each request since the last reset: seconds, api, broker, client, connection, bytes
//	GET /counts     their number and bytes by api, also where they are too many to be logged
//	GET /reset      forgets them
//	GET /set        ?latency=2ms[&broker=1]  delays the answers of all brokers, or of one
//	                ?moving=1s               each partition gets a record so often, each group commits one; 0s stops it
//	                ?churn=5                 so many topics and groups come each second, and go after 30 s; 0 stops it
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const brokers = 3

// Less garbage collection, which would slow down the measured program on the same cores.
const gcPercent = 400

var (
	topics     = flag.Int("topics", 100, "number of topics")
	partitions = flag.Int("partitions", 10, "partitions of each topic")
	groups     = flag.Int("groups", 100, "number of consumer groups")
	perGroup   = flag.Int("partitions-per-group", 10, "partitions that each group has committed on")
	live       = flag.Bool("live", false, "each group has a member that owns its partitions, else it is commits only")
	records    = flag.Int("records", 10, "records in each partition")
	age        = flag.Duration("age", time.Hour, "how old the first records are")
	nameLength = flag.Int("name-length", 0, "length of the names of topics and groups, at least")
	ports      = flag.String("ports", "", "comma-separated ports of the three brokers (default: free ones)")
	httpAddr   = flag.String("http", "127.0.0.1:0", "where to listen for the requests above")
)

func main() {
	flag.Parse()
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	wire := newWire()
	cluster, err := startCluster(wire)
	if err != nil {
		return err
	}
	defer cluster.Close()
	if err := addMissing(ctx, cluster); err != nil {
		return err
	}
	movement := newMovement(cluster)
	churn := &churn{cluster: cluster}
	if err := fill(ctx, cluster.ListenAddrs()); err != nil {
		return err
	}
	debug.FreeOSMemory()
	debug.SetGCPercent(gcPercent)
	wire.reset()

	http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/requests", wire.writeRequests)
	http.HandleFunc("/counts", wire.writeCounts)
	http.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) { wire.reset() })
	http.HandleFunc("/set", func(w http.ResponseWriter, r *http.Request) {
		if err := set(r, wire, movement, churn); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	log.Printf("brokers on %s", strings.Join(cluster.ListenAddrs(), ","))
	failed := make(chan error)
	go movement.run(ctx)
	go func() { failed <- churn.run(ctx) }()
	go func() { failed <- http.ListenAndServe(*httpAddr, nil) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func startCluster(wire *wire) (*kfake.Cluster, error) {
	names := make([]string, *topics)
	for i := range names {
		names[i] = topicName(i)
	}
	options := []kfake.Opt{
		kfake.NumBrokers(brokers),
		kfake.ClusterID("kafkascope-bench"),
		kfake.ListenFn(wire.listen),
		kfake.GroupMaxSessionTimeout(memberSession),
		kfake.SeedTopics(int32(*partitions), names...),
	}
	if *ports != "" {
		var numbers []int
		for _, port := range strings.Split(*ports, ",") {
			number, err := strconv.Atoi(port)
			if err != nil {
				return nil, fmt.Errorf("-ports: %w", err)
			}
			numbers = append(numbers, number)
		}
		options = append(options, kfake.Ports(numbers...))
	}
	return kfake.NewCluster(options...)
}

func set(r *http.Request, wire *wire, movement *movement, churn *churn) error {
	if value := r.FormValue("latency"); value != "" {
		latency, err := time.ParseDuration(value)
		if err != nil {
			return err
		}
		broker := -1
		if value := r.FormValue("broker"); value != "" {
			if broker, err = strconv.Atoi(value); err != nil {
				return err
			}
		}
		if err := wire.setLatency(latency, broker); err != nil {
			return err
		}
	}
	if value := r.FormValue("moving"); value != "" {
		every, err := time.ParseDuration(value)
		if err != nil {
			return err
		}
		movement.set(every)
	}
	if value := r.FormValue("churn"); value != "" {
		count, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		churn.perSecond.Store(int64(count))
	}
	return nil
}
