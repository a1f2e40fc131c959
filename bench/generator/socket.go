package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	opusRate   = 48_000
	rtpHeader  = 12
	sampledOf  = 64 // of so many packets one comes up through the filter
	bufferSize = 1 << 20
	memoryInfo = unix.SO_MEMINFO
	dropped    = 8 // of the numbers that SO_MEMINFO gives
)

// stream is what one person hears of one talker.
type stream struct {
	ssrc    uint32
	highest uint16
	cycles  uint32
	base    uint32 // the first timestamp
	least   int64  // the least arrival minus media time, in nanoseconds
}

// socket is the one UDP socket of a person's media.
//
// Decrypting costs 26 us a packet, and reading some 10. So RTP ends here: it is counted and thrown
// away before it is decrypted; and, once the first packet has come, a filter in the kernel counts
// and drops all but one of 64 (2 to 3 us). Who `decrypts` has all of it passed on.
type socket struct {
	*net.UDPConn
	decrypts, exact bool
	delays          *delays
	heard           atomic.Int64 // packets that came up
	first, last     atomic.Int64 // when, in Unix nanoseconds
	filtered        atomic.Bool
	mutex           sync.Mutex
	streams         []*stream
}

func openSocket(decrypts, exact bool, into *delays) (*socket, error) {
	opened, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	if err := opened.SetReadBuffer(bufferSize); err != nil {
		return nil, err
	}
	return &socket{UDPConn: opened, decrypts: decrypts, exact: exact, delays: into}, nil
}

// ReadFromAddrPort gives what is not RTP, or everything.
func (s *socket) ReadFromAddrPort(into []byte) (int, netip.AddrPort, error) {
	for {
		size, from, err := s.UDPConn.ReadFromUDPAddrPort(into)
		if err != nil || s.decrypts || !isRTP(into[:size]) {
			return size, from, err
		}
		s.note(into[:size])
		if !s.exact && s.filtered.CompareAndSwap(false, true) {
			if err := s.filter(); err != nil {
				return 0, from, err
			}
		}
	}
}

// WriteToAddrPort sends.
func (s *socket) WriteToAddrPort(what []byte, to netip.AddrPort) (int, error) {
	return s.UDPConn.WriteToUDPAddrPort(what, to)
}

// isRTP tells RTP from STUN, DTLS and RTCP (RFC 7983, RFC 5761).
func isRTP(packet []byte) bool {
	return len(packet) >= rtpHeader && packet[0]>>6 == 2 && !(packet[1]&0x7f >= 64 && packet[1]&0x7f < 96)
}

// note counts an RTP packet, and how late it is.
func (s *socket) note(packet []byte) {
	now := time.Now().UnixNano()
	s.heard.Add(1)
	s.first.CompareAndSwap(0, now)
	s.last.Store(now)
	number := binary.BigEndian.Uint16(packet[2:])
	stamp := binary.BigEndian.Uint32(packet[4:])
	ssrc := binary.BigEndian.Uint32(packet[8:])
	s.mutex.Lock()
	defer s.mutex.Unlock()
	one := s.of(ssrc)
	if one == nil {
		one = &stream{ssrc: ssrc, highest: number, base: stamp, least: now}
		s.streams = append(s.streams, one)
	}
	if int16(number-one.highest) > 0 {
		if number < one.highest {
			one.cycles++
		}
		one.highest = number
	}
	late := now - int64(int32(stamp-one.base))*int64(time.Second)/opusRate
	one.least = min(one.least, late)
	s.delays.note(time.Duration(late - one.least))
}

func (s *socket) of(ssrc uint32) *stream {
	for _, one := range s.streams {
		if one.ssrc == ssrc {
			return one
		}
	}
	return nil
}

// voices is how many streams were heard so far.
func (s *socket) voices() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.streams)
}

// received counts what came up and what the kernel dropped.
func (s *socket) received() int64 {
	count := s.heard.Load()
	if !s.filtered.Load() {
		return count
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return count
	}
	_ = raw.Control(func(fd uintptr) {
		var numbers [9]uint32
		size := uint32(unsafe.Sizeof(numbers))
		_, _, failed := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, memoryInfo,
			uintptr(unsafe.Pointer(&numbers)), uintptr(unsafe.Pointer(&size)), 0)
		if failed == 0 {
			count += int64(numbers[dropped])
		}
	})
	return count
}

// filter lets the kernel drop RTP, all but the packets whose number is a multiple of 64. It sees the
// UDP header before the payload.
func (s *socket) filter() error {
	const (
		loadByte = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		loadHalf = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
		and      = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
		equal    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		atLeast  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		give     = unix.BPF_RET | unix.BPF_K
		payload  = 8
	)
	program := []unix.SockFilter{
		{Code: loadByte, K: payload},
		{Code: and, K: 0xc0},
		{Code: equal, K: 0x80, Jf: 8}, // neither RTP nor RTCP: pass
		{Code: loadByte, K: payload + 1},
		{Code: and, K: 0x7f},
		{Code: atLeast, K: 64, Jf: 1},
		{Code: atLeast, K: 96, Jf: 4}, // RTCP: pass
		{Code: loadHalf, K: payload + 2},
		{Code: and, K: sampledOf - 1},
		{Code: equal, K: 0, Jt: 1}, // one of 64: pass
		{Code: give, K: 0},
		{Code: give, K: 0xffff},
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	})
	if err != nil {
		return err
	}
	return failed
}
