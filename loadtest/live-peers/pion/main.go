// Command pion-peer publishes a recording over WHIP (RFC 9725) as PCMU, or plays a session over WHEP, with pion/webrtc: a peer that
// shares no code with the gateway. It prints one JSON object a line.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

var (
	begin  = time.Now()
	output sync.Mutex
)

// tell prints one line, with the time since the start.
func tell(event string, fields map[string]any) {
	output.Lock()
	defer output.Unlock()
	fields["event"] = event
	fields["ms"] = float64(time.Since(begin).Microseconds()) / 1000
	line, _ := json.Marshal(fields)
	fmt.Println(string(line))
}

func main() {
	url := flag.String("url", "", "endpoint, with its query")
	token := flag.String("token", "", "bearer token")
	wav := flag.String("wav", "", "16 kHz mono WAV to publish; empty: play")
	out := flag.String("out", "", "folder for sound.ogg and picture.h264 of what is played")
	seconds := flag.Float64("seconds", 10, "how long")
	flag.Parse()
	if err := run(*url, *token, *wav, *out, *seconds); err != nil {
		tell("error", map[string]any{"message": err.Error()})
		os.Exit(1)
	}
}

func run(url, token, wav, out string, seconds float64) error {
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	connected := make(chan struct{})
	var once sync.Once
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		tell("state", map[string]any{"state": state.String()})
		if state == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	var publish func() error
	if wav != "" {
		publish, err = addMicrophone(connection, wav, seconds)
	} else {
		publish, err = addPlayer(connection, out, seconds)
	}
	if err != nil {
		return err
	}
	location, err := exchange(connection, url, token)
	if err != nil {
		return err
	}
	select {
	case <-connected:
	case <-time.After(10 * time.Second):
		return fmt.Errorf("not connected within 10 s")
	}
	if err := publish(); err != nil {
		return err
	}
	status, err := remove(url, location, token)
	tell("deleted", map[string]any{"status": status})
	return err
}

// exchange posts the offer with all candidates and takes the answer.
func exchange(connection *webrtc.PeerConnection, url, token string) (string, error) {
	offer, err := connection.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(connection.LocalDescription().SDP))
	if err != nil {
		return "", err
	}
	request.Header.Set("content-type", "application/sdp")
	tell("post", map[string]any{})
	body, response, err := do(request, token)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%d %s", response.StatusCode, body)
	}
	tell("answer", map[string]any{"session": response.Header.Get("Troupe-Session"), "location": response.Header.Get("Location")})
	return response.Header.Get("Location"), connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: body})
}

func remove(url, location, token string) (int, error) {
	parts := strings.SplitN(url, "/v1/", 2)
	request, err := http.NewRequest(http.MethodDelete, parts[0]+location, nil)
	if err != nil {
		return 0, err
	}
	_, response, err := do(request, token)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, nil
}

func do(request *http.Request, token string) (string, *http.Response, error) {
	if token != "" {
		request.Header.Set("authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return string(body), response, err
}
