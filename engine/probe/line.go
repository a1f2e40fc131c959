package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

const (
	longestRefusal = 500
	farewellWithin = time.Second
)

// line is one signalling connection through the gate.
type line struct {
	socket *websocket.Conn
	mutex  sync.Mutex
}

// openLine opens one as livekit-client does. What goes wrong is told without the ticket.
func openLine(gate, ticket string, request *livekit.JoinRequest, deadline time.Time) (*line, error) {
	packed, err := pack(request)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	query := url.Values{"access_token": {ticket}, "join_request": {packed}}
	socket, answer, err := websocket.DefaultDialer.DialContext(within, gate+"/rtc/v1?"+query.Encode(), http.Header{})
	if err != nil {
		return nil, refusal(answer, err)
	}
	_ = socket.SetReadDeadline(deadline)
	return &line{socket: socket}, nil
}

func pack(request *livekit.JoinRequest) (string, error) {
	plain, err := proto.Marshal(request)
	if err != nil {
		return "", err
	}
	var packed bytes.Buffer
	packing := gzip.NewWriter(&packed)
	if _, err := packing.Write(plain); err != nil {
		return "", err
	}
	if err := packing.Close(); err != nil {
		return "", err
	}
	wrapped, err := proto.Marshal(&livekit.WrappedJoinRequest{
		Compression: livekit.WrappedJoinRequest_GZIP,
		JoinRequest: packed.Bytes(),
	})
	return base64.URLEncoding.EncodeToString(wrapped), err
}

// refusal is why the gate was not passed.
func refusal(answer *http.Response, err error) error {
	var told net.Error
	switch {
	case answer != nil:
		defer func() { _ = answer.Body.Close() }()
		body, _ := io.ReadAll(io.LimitReader(answer.Body, longestRefusal))
		return fmt.Errorf("the gate answered %d %s", answer.StatusCode, body)
	case errors.As(err, &told) && told.Timeout():
		return errors.New("the gate, or the engine behind it, did not answer in time")
	default:
		return fmt.Errorf("the gate cannot be reached: %w", err)
	}
}

func (l *line) say(request *livekit.SignalRequest) error {
	packed, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.socket.WriteMessage(websocket.BinaryMessage, packed)
}

// hear is what the engine says next.
func (l *line) hear() (*livekit.SignalResponse, error) {
	_, packed, err := l.socket.ReadMessage()
	if err != nil {
		return nil, closed(err)
	}
	told := &livekit.SignalResponse{}
	return told, proto.Unmarshal(packed, told)
}

// closed tells how a connection ended.
func closed(err error) error {
	var told *websocket.CloseError
	if errors.As(err, &told) {
		return fmt.Errorf("signalling was closed with %d", told.Code)
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return errors.New("nothing more came through the gate in time")
	}
	return errors.New("signalling was cut")
}

// leave says so, for the engine to forget the participant at once.
func (l *line) leave() {
	_ = l.socket.SetWriteDeadline(time.Now().Add(farewellWithin))
	_ = l.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_Leave{
		Leave: &livekit.LeaveRequest{Reason: livekit.DisconnectReason_CLIENT_INITIATED},
	}})
	_ = l.socket.Close()
}
