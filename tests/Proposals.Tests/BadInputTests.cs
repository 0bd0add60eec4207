using System.Net;
using System.Text;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Proposals.Tests;

public sealed class Bad_input(ProposalsHost host) : IClassFixture<ProposalsHost>
{
    public static TheoryData<string, string, string> Requests() => new()
    {
        { "POST", "/api/proposals", "" },
        { "POST", "/api/proposals", "{" },
        { "POST", "/api/proposals", "[]" },
        { "POST", "/api/proposals", "null" },
        { "POST", "/api/proposals", """{"callId":7}""" },
        { "POST", "/api/proposals", """{"callId":"no guid"}""" },
        { "POST", "/api/proposals", """{"callId":"00000000-0000-0000-0000-000000000000"}""" },
        { "POST", "/api/proposals", """{"callId":"00000000-0000-0000-0000-000000000001","extra":1}""" },
        { "PUT", "/api/proposals/{draft}", "{}" },
        { "PUT", "/api/proposals/{draft}", """{"text":null}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"title":null}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"title":"a\u0000b"}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"samples":[null]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"shifts":1}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"id":"00000000-0000-0000-0000-000000000001","shifts":99999999999}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"id":"00000000-0000-0000-0000-000000000001","mode":"sideways"}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"id":"00000000-0000-0000-0000-000000000001","mode":1}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"title":"\ud800"}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{},"team":["00000000-0000-0000-0000-000000000009"]}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"samples":[{"id":"00000000-0000-0000-0000-000000000001","hazards":[null]}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"id":"00000000-0000-0000-0000-000000000001","equipment":[null]}]}}""" },
        { "PUT", "/api/proposals/{draft}", """{"text":{"experiments":[{"id":"00000000-0000-0000-0000-000000000001","equipment":["a","b","c","d","e","f","g","h","i","j","k"]}]}}""" },
        { "PUT", "/api/proposals/00000000-0000-0000-0000-000000000001", """{"text":{}}""" },
        { "PUT", "/api/proposals/not-a-guid", """{"text":{}}""" },
        { "POST", "/api/proposals/00000000-0000-0000-0000-000000000001/submission", "" },
        { "POST", "/api/proposals/{draft}/submission", "" },
        { "POST", "/api/proposals/{draft}/withdrawal", "{}" },
        { "POST", "/api/proposals/{draft}/withdrawal", """{"reason":""}""" },
        { "POST", "/api/proposals/{draft}/report", """{"text":"too early"}""" },
        { "POST", "/api/proposals/{draft}/closing", "" },
        { "POST", "/api/proposals/calls", """{"title":"not mine to open"}""" },
        { "GET", "/api/proposals?page=0", "" },
        { "GET", "/api/proposals?page=x", "" },
        { "GET", "/api/proposals?page=1%00", "" },
        { "GET", "/api/proposals?page=99999999999999999999", "" },
        { "GET", "/api/proposals/calls/00000000-0000-0000-0000-000000000001", "" },
        { "DELETE", "/api/proposals/{draft}", "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Is_answered_with_a_4xx_and_a_code_and_changes_nothing(string method, string path, string body)
    {
        var draft = await host.DraftAsync(await host.OpenCallAsync());
        var before = await host.ReadAsync(draft);
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("{draft}", draft.ToString(), StringComparison.Ordinal));
        if (body.Length > 0) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await host.As(ProposalsHost.Maria).SendAsync(request);
        Assert.InRange((int)answer.StatusCode, 400, 499);
        using var details = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.NotEqual("", details.RootElement.GetProperty("code").GetString());
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(before, Json.Strict), System.Text.Json.JsonSerializer.Serialize(await host.ReadAsync(draft), Json.Strict));
    }

    [Fact]
    public async Task That_is_huge_is_refused_with_all_its_problems()
    {
        var draft = await host.DraftAsync(await host.OpenCallAsync());
        var body = "{\"text\":{\"title\":\"" + new string('t', 301) + "\",\"abstract\":\"" + new string('a', 20_001) + "\"}}";
        var problems = await Assert.RefusedAsync(await PutAsync(draft, body), HttpStatusCode.UnprocessableEntity, "proposal.invalid");
        Assert.Equal(["text.too-long", "text.too-long"], problems);
        var tooLarge = await PutAsync(draft, "{\"text\":{\"abstract\":\"" + new string('a', 3_000_000) + "\"}}");
        Assert.True(tooLarge.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity, $"{tooLarge.StatusCode}");
    }

    private Task<HttpResponseMessage> PutAsync(Guid draft, string body) =>
        host.As(ProposalsHost.Maria).PutAsync($"/api/proposals/{draft}", new StringContent(body, Encoding.UTF8, "application/json"));
}
