package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// ownClient is the client id of requests of this program, which are not counted.
const ownClient = "load"

// mostLogged requests are logged with their time; further ones are only counted.
const mostLogged = 1_000_000

// wire sees what goes over the brokers' connections. It counts there, and not in kfake's control functions, because it
// then knows connections, and does not add to kfake's one thread. It delays answers without keeping kfake or other
// connections waiting, as a long way there and back does.
type wire struct {
	latency     [brokers]atomic.Int64 // nanoseconds
	connections atomic.Int64

	mutex     sync.Mutex
	listeners int
	since     time.Time
	requests  []request
	counts    map[int16]count
}

type request struct {
	seconds    float64 // since the last reset
	api        int16
	broker     int
	client     string
	connection int64
	bytes      int
}

type count struct{ requests, bytes int }

func newWire() *wire {
	w := new(wire)
	w.reset()
	return w
}

func (w *wire) reset() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.since = time.Now()
	w.requests = nil
	w.counts = make(map[int16]count)
}

// setLatency is for all brokers when broker is -1.
func (w *wire) setLatency(latency time.Duration, broker int) error {
	if broker < -1 || broker >= brokers {
		return fmt.Errorf("there is no broker %d", broker)
	}
	for i := range w.latency {
		if broker == -1 || broker == i {
			w.latency[i].Store(int64(latency))
		}
	}
	return nil
}

func (w *wire) note(r request) {
	if r.client == ownClient {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	sum := w.counts[r.api]
	w.counts[r.api] = count{sum.requests + 1, sum.bytes + r.bytes}
	if len(w.requests) < mostLogged {
		r.seconds = time.Since(w.since).Seconds()
		w.requests = append(w.requests, r)
	}
}

func (w *wire) writeRequests(out http.ResponseWriter, _ *http.Request) {
	w.mutex.Lock()
	requests := w.requests // appended to, never changed
	w.mutex.Unlock()
	buffer := bufio.NewWriter(out)
	defer buffer.Flush()
	for _, r := range requests {
		api := kmsg.NameForKey(r.api)
		fmt.Fprintf(buffer, "%.6f %s %d %s %d %d\n", r.seconds, api, r.broker, r.client, r.connection, r.bytes)
	}
}

func (w *wire) writeCounts(out http.ResponseWriter, _ *http.Request) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var lines []string
	var total count
	for api, sum := range w.counts {
		lines = append(lines, fmt.Sprintln(kmsg.NameForKey(api), sum.requests, sum.bytes))
		total.requests += sum.requests
		total.bytes += sum.bytes
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Fprint(out, line)
	}
	fmt.Fprintln(out, "total", total.requests, total.bytes)
}

// listen is called by kfake for each of its brokers in order.
func (w *wire) listen(network, address string) (net.Listener, error) {
	inner, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.listeners++
	return &listener{inner, w, w.listeners - 1}, nil
}

type listener struct {
	net.Listener
	wire   *wire
	broker int
}

func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{
		Conn:   inner,
		wire:   l.wire,
		broker: l.broker,
		number: l.wire.connections.Add(1),
		queue:  make(chan answer, 1024),
		closed: make(chan struct{}),
	}
	go c.sendQueued()
	return c, nil
}

type connection struct {
	net.Conn
	wire   *wire
	broker int
	number int64
	queue  chan answer
	closed chan struct{}
	once   sync.Once

	// Of the request that is being read.
	header []byte
	rest   int
}

type answer struct {
	due  time.Time
	data []byte
}

func (c *connection) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.follow(into[:n])
	return n, err
}

// A request begins with its size, api, version, correlation id, and the length of the client id that comes then.
const fixedHeader = 4 + 2 + 2 + 4 + 2

// follow finds requests in a stream.
func (c *connection) follow(data []byte) {
	for len(data) > 0 {
		if c.rest > 0 {
			n := min(c.rest, len(data))
			c.rest -= n
			data = data[n:]
			continue
		}
		wanted := fixedHeader
		if len(c.header) >= fixedHeader {
			wanted += c.clientLength()
		}
		n := min(wanted-len(c.header), len(data))
		c.header = append(c.header, data[:n]...)
		data = data[n:]
		if len(c.header) < fixedHeader || len(c.header) < fixedHeader+c.clientLength() {
			continue
		}
		bytes := 4 + int(binary.BigEndian.Uint32(c.header))
		c.wire.note(request{
			api:        int16(binary.BigEndian.Uint16(c.header[4:])),
			broker:     c.broker,
			client:     string(c.header[fixedHeader:]),
			connection: c.number,
			bytes:      bytes,
		})
		c.rest = bytes - len(c.header)
		c.header = c.header[:0]
	}
}

func (c *connection) clientLength() int {
	return max(0, int(int16(binary.BigEndian.Uint16(c.header[fixedHeader-2:])))) // -1 is null
}

func (c *connection) Write(data []byte) (int, error) {
	latency := time.Duration(c.wire.latency[c.broker].Load())
	if latency == 0 {
		return c.Conn.Write(data)
	}
	select {
	case c.queue <- answer{time.Now().Add(latency), append([]byte(nil), data...)}: // kfake uses its buffer again
		return len(data), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *connection) sendQueued() {
	for {
		select {
		case next := <-c.queue:
			time.Sleep(time.Until(next.due))
			if _, err := c.Conn.Write(next.data); err != nil {
				c.Close()
			}
		case <-c.closed:
			return
		}
	}
}

func (c *connection) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
