package main

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	handshakeWithin = 10 * time.Second
	// A browser asks each path whether it works all the time.
	silentFor       = 2 * time.Minute
	writtenWithin   = 10 * time.Second
	pause           = 50 * time.Millisecond
	lookEvery       = time.Second
	mostConnections = 4096
	// No request that may be granted is shorter but the one for one's own address.
	shortestRequest = 24
)

// steady is a socket that outlives whatever goes wrong with one datagram, and serves nobody as an amplifier.
type steady struct {
	net.PacketConn
	answers *answers
}

func (s steady) ReadFrom(into []byte) (int, net.Addr, error) {
	for {
		size, from, err := s.PacketConn.ReadFrom(into)
		switch {
		case errors.Is(err, net.ErrClosed):
			return size, from, err
		case err != nil:
			time.Sleep(pause)
		case !magnifies(into[:size]):
			return size, from, nil
		}
	}
}

func (s steady) WriteTo(data []byte, to net.Addr) (int, error) {
	if _, err := s.PacketConn.WriteTo(s.answers.put(data, to), to); err != nil {
		return 0, err
	}
	return len(data), nil
}

// magnifies says whether a datagram, which anybody may have sent under another's address, would be
// answered with more than three times its size.
func magnifies(data []byte) bool {
	isRequest := len(data) > 1 && data[0] < 0x40
	isBinding := isRequest && data[0] == 0 && data[1] == 1
	return isRequest && !isBinding && len(data) < shortestRequest
}

// pair is a certificate and its key, as their files have them now.
type pair struct {
	certificate, key string

	mutex  sync.Mutex
	looked time.Time
	seen   [2]os.FileInfo
	loaded *tls.Certificate
}

// now gives the newest certificate that is whole: while the files are being changed, the one before.
func (p *pair) now(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.loaded != nil && time.Since(p.looked) < lookEvery {
		return p.loaded, nil
	}
	p.looked = time.Now()
	seen, err := p.look()
	if err == nil && (p.loaded == nil || !same(seen, p.seen)) {
		var fresh tls.Certificate
		if fresh, err = tls.LoadX509KeyPair(p.certificate, p.key); err == nil {
			p.loaded, p.seen = &fresh, seen
		}
	}
	if p.loaded == nil {
		return nil, err
	}
	return p.loaded, nil
}

func (p *pair) look() (seen [2]os.FileInfo, err error) {
	for index, path := range []string{p.certificate, p.key} {
		if seen[index], err = os.Stat(path); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

func same(one, other [2]os.FileInfo) bool {
	for index := range one {
		if !os.SameFile(one[index], other[index]) || !one[index].ModTime().Equal(other[index].ModTime()) {
			return false
		}
	}
	return true
}

// doorman takes connections over TLS, so many at once, and never tires.
type doorman struct {
	net.Listener
	config  *tls.Config
	answers *answers
	open    atomic.Int64
}

func listenTLS(address string, certificates *pair, answers *answers) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificates.now}
	return &doorman{Listener: listener, config: config, answers: answers}, nil
}

func (d *doorman) Accept() (net.Conn, error) {
	for {
		raw, err := d.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil:
			time.Sleep(pause)
		case d.open.Add(1) > mostConnections:
			d.open.Add(-1)
			raw.Close()
		default:
			return &guest{Conn: tls.Server(raw, d.config), door: d}, nil
		}
	}
}

// guest is one connection, which ends when nothing comes for long, or nothing can be sent.
type guest struct {
	net.Conn
	door  *doorman
	known bool
	once  sync.Once
}

func (g *guest) Read(into []byte) (int, error) {
	patience := silentFor
	if !g.known {
		patience = handshakeWithin
		// A handshake writes, too.
		g.Conn.SetWriteDeadline(time.Now().Add(patience))
	}
	g.Conn.SetReadDeadline(time.Now().Add(patience))
	size, err := g.Conn.Read(into)
	g.known = true
	return size, err
}

func (g *guest) Write(data []byte) (int, error) {
	g.Conn.SetWriteDeadline(time.Now().Add(writtenWithin))
	if _, err := g.Conn.Write(g.door.answers.put(data, g.RemoteAddr())); err != nil {
		return 0, err
	}
	return len(data), nil
}

func (g *guest) Close() error {
	g.once.Do(func() { g.door.open.Add(-1) })
	return g.Conn.Close()
}
