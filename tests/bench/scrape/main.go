// scrape: clients that request a page at the same time, repeatedly, like many Prometheus servers. Prints as JSON the
// bytes of a response, the seconds of each request, and the seconds of each round.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"
)

var (
	url     = flag.String("url", "", "what to ask for")
	clients = flag.Int("clients", 1, "how many at once")
	rounds  = flag.Int("rounds", 20, "how often; one round more, before them, is not measured")
	lasting = flag.Duration("for", 0, "rounds for so long instead")
)

type result struct {
	Bytes    int64     `json:"bytes"`
	Requests []float64 `json:"requests"`
	Rounds   []float64 `json:"rounds"`
}

func main() {
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	all := make([]*http.Client, *clients)
	for i := range all {
		all[i] = &http.Client{Transport: &http.Transport{DisableCompression: true, ReadBufferSize: 256 << 10}}
	}
	if _, _, err := round(all); err != nil {
		return err
	}
	var r result
	begin := time.Now()
	for done := 0; *lasting > 0 && time.Since(begin) < *lasting || *lasting == 0 && done < *rounds; done++ {
		start := time.Now()
		bytes, seconds, err := round(all)
		if err != nil {
			return err
		}
		r.Bytes = bytes
		r.Requests = append(r.Requests, seconds...)
		r.Rounds = append(r.Rounds, time.Since(start).Seconds())
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// round returns the bytes of a response and the seconds of each request.
func round(all []*http.Client) (int64, []float64, error) {
	bytes := make([]int64, len(all))
	seconds := make([]float64, len(all))
	failures := make([]error, len(all))
	var asking sync.WaitGroup
	for i, client := range all {
		asking.Go(func() {
			start := time.Now()
			bytes[i], failures[i] = ask(client)
			seconds[i] = time.Since(start).Seconds()
		})
	}
	asking.Wait()
	for _, err := range failures {
		if err != nil {
			return 0, nil, err
		}
	}
	return bytes[0], seconds, nil
}

func ask(client *http.Client) (int64, error) {
	request, err := http.NewRequest(http.MethodGet, *url, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", *url, answer.Status)
	}
	return io.Copy(io.Discard, answer.Body)
}
