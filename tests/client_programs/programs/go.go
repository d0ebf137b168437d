package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tallystick/charon"
)

// hook counts the requests that are sent.
type hook struct {
	count int
}

func (h *hook) RoundTrip(request *http.Request) (*http.Response, error) {
	h.count++
	return http.DefaultTransport.RoundTrip(request)
}

func failure(_ any, err error) error {
	fmt.Printf("text %v %q\n", err, fmt.Sprintf("%+v %#v", err, err))
	return err
}

func main() {
	ctx := context.Background()
	hooked := &hook{}
	own := charon.WithHTTPClient(&http.Client{Transport: hooked})
	client := charon.New("top-secret", charon.WithServer("${away}"), own)
	held := struct{ client charon.Client }{*client}
	fmt.Printf("text %v %+v %#v %+v %#v\n", client, *client, *client, held, held)

	var refused *charon.APIError
	if errors.As(failure(client.GetCron(ctx, "a-cron")), &refused) {
		fmt.Println("refused", refused.Status, refused.Code, refused.Header.Get("Retry-After"), hooked.count)
	}
	failure(client.GetCron(ctx, "dated"))
	fmt.Println("dated", hooked.count)
	failure(client.GetCron(ctx, "never"))
	fmt.Println("never", hooked.count)
	var broken *charon.AnswerError
	for _, wrong := range []string{"nothing", "empty"} {
		if errors.As(failure(client.GetCron(ctx, wrong)), &broken) {
			fmt.Println(wrong, string(broken.Body))
		}
	}
	if errors.As(failure(client.GetCron(ctx, "broken")), &broken) {
		fmt.Println("answer", string(broken.Body))
	}
	before := hooked.count
	client.ListExecutionsAll(ctx, "circle", charon.ListExecutionsQuery{})(func(execution charon.CharonExecution, err error) bool {
		if err != nil {
			fmt.Println("circle", errors.As(err, &broken), hooked.count-before)
			return true
		}
		fmt.Println("page", hooked.count-before, execution.ID)
		return true
	})
	client.ListExecutionsAll(ctx, "circle", charon.ListExecutionsQuery{})(func(charon.CharonExecution, error) bool {
		fmt.Println("page", hooked.count-before)
		return false
	})
	var moved *charon.APIError
	if errors.As(failure(client.CanStart(ctx, "moved")), &moved) {
		fmt.Println("moved", moved.Status)
	}
	nowhere := charon.New("top-secret", charon.WithServer("http://127.0.0.1:9"))
	var unreached *charon.NetworkError
	if errors.As(failure(nowhere.GetCron(ctx, "a-cron")), &unreached) {
		fmt.Println("network", unreached.Timeout())
	}
	for _, server := range []string{"http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret"} {
		client := charon.New("top-secret", charon.WithServer(server))
		fmt.Printf("text %+v\n", *client)
		err := failure(client.GetCron(ctx, "a-cron"))
		fmt.Println("server", errors.As(err, &unreached) && strings.Contains(err.Error(), "@?#"))
	}
	proxied := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
		return url.Parse("http://someone:top-secret%@127.0.0.1:9")
	}}
	failure(charon.New("top-secret", charon.WithServer("${away}"), charon.WithHTTPClient(&http.Client{Transport: proxied})).GetCron(ctx, "a-cron"))
	hasty := charon.New("top-secret", charon.WithServer("${away}"), charon.WithTimeout(500*time.Millisecond))
	if errors.As(failure(hasty.GetCron(ctx, "stalled")), &unreached) {
		fmt.Println("stalled", unreached.Timeout())
	}
	unsendable := charon.New("top-secret\n", charon.WithServer("${away}"))
	failure(unsendable.GetCron(ctx, "a-cron"))

	ended, cancel := context.WithCancel(ctx)
	cancel()
	fmt.Println("ended", errors.Is(failure(client.GetCron(ended, "a-cron")), context.Canceled))

	var typed charon.CharonError
	fmt.Println("typed", refused.Read(&typed), typed.Message)
	fmt.Println("typed", errors.As(moved.Read(&typed), &broken))
	var lacking *charon.MissingError
	_, err := client.CreateCron(ctx, charon.CharonNewCron{Name: charon.Ptr("Nightly")})
	fmt.Println("lacking", errors.As(err, &lacking), lacking.Member)
}
