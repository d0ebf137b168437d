package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	eg "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eg/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/eg/v1/model"
)

const project = "0123456789abcdef0123456789abcdef"

// token sends a token instead of a signature.
type token struct{ text string }

func (t token) ProcessAuthParams(*impl.DefaultHttpClient, string) (auth.ICredential, error) {
	return t, nil
}

func (t token) ProcessAuthRequest(_ *impl.DefaultHttpClient, r *request.DefaultHttpRequest) (*request.DefaultHttpRequest, error) {
	return r.Builder().AddHeaderParam("X-Auth-Token", t.text).
		AddAutoFilledPathParam("project_id", project).Build(), nil
}

// useEventgrid lives through a channel in one of three ways to identify oneself.
func useEventgrid(url, way string) any {
	builder := core.NewHcHttpClientBuilder()
	switch way {
	case "keys":
		known := basic.NewCredentialsBuilder().WithAk("DEVAK").WithSk("DEVSK").WithProjectId(project)
		builder = builder.WithCredential(known.Build()).WithEndpoint(url)
	case "keys without a project":
		known := basic.NewCredentialsBuilder().WithAk("DEVAK").WithSk("DEVSK").WithIamEndpointOverride(url)
		builder = builder.WithCredential(known.Build()).WithRegion(region.NewRegion("cn-north-4", url))
	case "token":
		builder = builder.WithCredentialsType("main.token").WithCredential(token{issued(url)}).WithEndpoint(url)
	}
	built, err := builder.SafeBuild()
	check(err)
	return live(eg.NewEgClient(built))
}

func issued(url string) string {
	body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"DEVAK","password":"DEVSK"}}}}}`
	answer, err := http.Post(url+"/v3/auth/tokens", "application/json", bytes.NewBufferString(body))
	check(err)
	defer answer.Body.Close()
	return answer.Header.Get("X-Subject-Token")
}

func live(client *eg.EgClient) any {
	name := fmt.Sprintf("go-%d", time.Now().UnixNano())
	channel, err := client.CreateChannel(&model.CreateChannelRequest{Body: &model.ChannelCreateReq{Name: name}})
	check(err)
	source, err := client.CreateEventSource(&model.CreateEventSourceRequest{
		Body: &model.CustomizeSourceCreateReq{Name: name, ChannelId: channel.Id}})
	check(err)
	var filter, detail, data any
	check(json.Unmarshal([]byte(`{"source":[{"op":"StringIn","values":["`+name+`"]}],"subject":{"and":[[{"op":"StringStartsWith","values":["a"]}],[{"op":"StringEndsWith","values":["z"]}]]}}`), &filter))
	check(json.Unmarshal([]byte(`{"url":"http://127.0.0.1:9/"}`), &detail))
	check(json.Unmarshal([]byte(`{"n":7}`), &data))
	made, err := client.CreateSubscription(&model.CreateSubscriptionRequest{Body: &model.SubscriptionCreateReq{
		Name: name, ChannelId: *channel.Id,
		Sources: []model.SubscriptionSource{{Name: name, Filter: &filter,
			ProviderType: model.GetSubscriptionSourceProviderTypeEnum().CUSTOM}},
		Targets: []model.SubscriptionTarget{{Name: "HTTP", Detail: &detail,
			ProviderType: model.GetSubscriptionTargetProviderTypeEnum().CUSTOM,
			Transform:    &model.TransForm{Type: model.GetTransFormTypeEnum().ORIGINAL}}},
	}})
	check(err)
	subject := "a to z"
	published, err := client.PutEvents(&model.PutEventsRequest{ChannelId: *channel.Id, Body: &model.PutEventsReq{
		Events: &[]model.CloudEvents{{Id: name, Source: name, Specversion: "1.0", Type: "t", Subject: &subject, Data: &data}}}})
	check(err)
	traced, err := client.ListTracedEvents(&model.ListTracedEventsRequest{
		ChannelId: *channel.Id, StartTime: 0, EndTime: 9007199254740991})
	check(err)
	shown, err := client.ShowDetailOfEventTrace(&model.ShowDetailOfEventTraceRequest{TraceId: name, ChannelId: *channel.Id})
	check(err)
	quotas, err := client.ListQuotas(&model.ListQuotasRequest{})
	check(err)
	connections, err := client.ListConnections(&model.ListConnectionsRequest{})
	check(err)
	_, err = client.DeleteSubscription(&model.DeleteSubscriptionRequest{SubscriptionId: *made.Id})
	check(err)
	_, err = client.DeleteEventSource(&model.DeleteEventSourceRequest{SourceId: *source.Id})
	check(err)
	_, err = client.DeleteChannel(&model.DeleteChannelRequest{ChannelId: *channel.Id})
	check(err)
	_, refused := client.ShowDetailOfChannel(&model.ShowDetailOfChannelRequest{ChannelId: *channel.Id})
	code := ""
	if answer, ok := refused.(*sdkerr.ServiceResponseError); ok {
		code = answer.ErrorCode
	}
	return map[string]any{
		"failed":        *published.FailedCount,
		"traced":        *(*traced.Result)[0].SubscriptionName == name,
		"received":      *(*traced.Result)[0].EventReceivedTime > 1_700_000_000,
		"subscriptions": len(*shown.DeliverList),
		"quotas":        len(*quotas.Quotas.Resources),
		"connection":    *(*connections.Items)[0].Id,
		"gone":          code,
	}
}
