package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// line is one signalling connection, through the gate or at an engine alone.
type line struct {
	socket *websocket.Conn
	mutex  sync.Mutex
}

// openLine connects as livekit-client does: the first offer is part of the request.
func openLine(dialer *websocket.Dialer, base, ticket string, offer *livekit.SessionDescription) (*line, error) {
	packed, err := joinRequest(offer)
	if err != nil {
		return nil, err
	}
	query := url.Values{"access_token": {ticket}, "join_request": {packed}}
	socket, response, err := dialer.Dial(base+"/rtc/v1?"+query.Encode(), http.Header{})
	if err != nil {
		return nil, shutOut("signalling", response, err)
	}
	return &line{socket: socket}, nil
}

func joinRequest(offer *livekit.SessionDescription) (string, error) {
	request, err := proto.Marshal(&livekit.JoinRequest{
		ClientInfo:         &livekit.ClientInfo{Sdk: livekit.ClientInfo_JS, Version: "2.23.0", Protocol: 16, Os: "linux"},
		ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: false, AdaptiveStream: true},
		PublisherOffer:     offer,
	})
	if err != nil {
		return "", err
	}
	var packed bytes.Buffer
	packing := gzip.NewWriter(&packed)
	if _, err := packing.Write(request); err != nil {
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

func (l *line) say(request *livekit.SignalRequest) error {
	packed, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.socket.WriteMessage(websocket.BinaryMessage, packed)
}

// hear is the next answer.
func (l *line) hear() (*livekit.SignalResponse, error) {
	_, packed, err := l.socket.ReadMessage()
	if err != nil {
		return nil, err
	}
	told := &livekit.SignalResponse{}
	return told, proto.Unmarshal(packed, told)
}

// ping keeps the connection alive until it ends: both of its messages, as livekit-client sends them.
func (l *line) ping(every time.Duration) {
	for {
		time.Sleep(every)
		now := time.Now().UnixMilli()
		if l.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_Ping{Ping: now}}) != nil {
			return
		}
		request := &livekit.Ping{Timestamp: now}
		if l.say(&livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{PingReq: request}}) != nil {
			return
		}
	}
}

// shut is why a WebSocket was not opened.
type shut struct {
	what, body string
	status     int
}

func (s shut) Error() string { return fmt.Sprintf("%s: HTTP %d %s", s.what, s.status, s.body) }

func shutOut(what string, response *http.Response, err error) error {
	if response == nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 500))
	return shut{what, string(body), response.StatusCode}
}

// isForNow tells whether another try may do.
func isForNow(err error) bool {
	var told shut
	return errors.As(err, &told) && told.status == http.StatusServiceUnavailable
}

// closed tells how a WebSocket ended.
func closed(what string, err error) string {
	var told *websocket.CloseError
	if errors.As(err, &told) {
		return fmt.Sprintf("%s: closed with %d", what, told.Code)
	}
	return fmt.Sprintf("%s: %v", what, err)
}
