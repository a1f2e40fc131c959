package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/turn/v5"
)

const (
	// A browser takes one for each network and each way here; one that comes back leaves some behind.
	mostOfCredential = 12
	mostOfHolder     = 48
	mostOfAll        = 8192
)

var (
	errNoConnections = errors.New("connections to peers are not made")
	errFull          = errors.New("too many allocations")
)

// way leads to the engine. It makes the allocations, and counts them.
type way struct {
	peer, engine netip.AddrPort

	mutex  sync.Mutex
	all    int
	counts map[string]int // of user names, and of holders
}

func newWay(peer, engine string) (*way, error) {
	known, err := netip.ParseAddrPort(peer)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	reached, err := netip.ParseAddrPort(engine)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return &way{peer: known, engine: reached, counts: map[string]int{}}, nil
}

// admits says whether a client may have a permission or a channel for a peer.
func (w *way) admits(_ net.Addr, peer net.IP) bool {
	address, ok := netip.AddrFromSlice(peer)
	return ok && address.Unmap() == w.peer.Addr()
}

// hasRoom says whether a user may have one more allocation.
func (w *way) hasRoom(user, _ string, _ net.Addr) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.all < mostOfAll && w.counts[user] < mostOfCredential && w.counts[holderOf(user)] < mostOfHolder
}

func (w *way) count(user string, by int) {
	w.all += by
	for _, name := range []string{user, holderOf(user)} {
		w.counts[name] += by
		if w.counts[name] == 0 {
			delete(w.counts, name)
		}
	}
}

// Validate is asked by the TURN server.
func (w *way) Validate() error { return nil }

// AllocatePacketConn makes the relay of one allocation.
func (w *way) AllocatePacketConn(asked turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	// Ports are nobody's to choose, and none is looked for without a user.
	if asked.UserID == "" || asked.RequestedPort != 0 || !w.hasRoom(asked.UserID, "", nil) {
		return nil, nil, errFull
	}
	loopback := netip.IPv6Loopback()
	if w.engine.Addr().Is4() {
		loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		return nil, nil, err
	}
	w.mutex.Lock()
	w.count(asked.UserID, 1)
	w.mutex.Unlock()
	return &tunnel{UDPConn: socket, way: w, user: asked.UserID}, socket.LocalAddr(), nil
}

// AllocateListener and AllocateConn would be for peers over TCP.
func (w *way) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoConnections
}

// AllocateConn makes no connections.
func (w *way) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, errNoConnections
}

// tunnel is the relay of one allocation: whatever it is told to send, it sends to the engine or not at all.
type tunnel struct {
	*net.UDPConn
	way  *way
	user string
	once sync.Once
}

func (t *tunnel) ReadFrom(into []byte) (int, net.Addr, error) {
	for {
		size, from, err := t.ReadFromUDPAddrPort(into)
		if err != nil {
			return 0, nil, err
		}
		if netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) == t.way.engine {
			return size, net.UDPAddrFromAddrPort(t.way.peer), nil
		}
	}
}

func (t *tunnel) WriteTo(data []byte, to net.Addr) (int, error) {
	if named, ok := to.(*net.UDPAddr); ok {
		address := named.AddrPort()
		if netip.AddrPortFrom(address.Addr().Unmap(), address.Port()) == t.way.peer {
			return t.WriteToUDPAddrPort(data, t.way.engine)
		}
	}
	return len(data), nil
}

func (t *tunnel) Close() error {
	t.once.Do(func() {
		t.way.mutex.Lock()
		t.way.count(t.user, -1)
		t.way.mutex.Unlock()
	})
	return t.UDPConn.Close()
}
