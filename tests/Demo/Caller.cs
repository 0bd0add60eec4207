using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tutti.Demo;

/// <summary>One person at the public HTTP API. An answer that is not a success ends the run with what the service said.</summary>
internal sealed class Caller(HttpClient http, string login)
{
    public string Login => login;

    /// <summary>The bearer token.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Id of the person, from the token endpoint's account.</summary>
    public Guid Id { get; private set; }

    public static async Task<Caller> SignInAsync(HttpClient http, string login, CancellationToken cancel)
    {
        var caller = new Caller(http, login);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["client_id"] = "tutti", ["username"] = login, ["password"] = "tutti", ["scope"] = "openid",
        });
        using var answer = await http.PostAsync("/connect/token", form, cancel);
        using var told = await ReadAsync(answer, "POST /connect/token", cancel);
        caller.Token = told.RootElement.GetProperty("access_token").GetString() ?? throw new JsonException("no access_token");
        caller.Id = (await caller.GetAsync("/api/identity/me", cancel)).GetProperty("id").GetGuid();
        return caller;
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, body, cancel);

    /// <summary>Posts a change that is based on the latest state of what is read at another path.</summary>
    public async Task<JsonElement> PostLatestAsync(string path, string state, object? body, CancellationToken cancel)
    {
        using var reading = Request(HttpMethod.Get, state);
        using var read = await http.SendAsync(reading, cancel);
        using (await ReadAsync(read, "GET " + state, cancel)) { }
        return await SendAsync(HttpMethod.Post, path, body, cancel, read.Headers.ETag);
    }

    /// <summary>Puts something in the place of what is there, as it was read; where nothing is there it becomes the first.</summary>
    public async Task<JsonElement> PutLatestAsync(string path, object? body, CancellationToken cancel)
    {
        using var reading = Request(HttpMethod.Get, path);
        using var read = await http.SendAsync(reading, cancel);
        if (read.StatusCode != HttpStatusCode.NotFound) using (await ReadAsync(read, "GET " + path, cancel)) { }
        return await SendAsync(HttpMethod.Put, path, body, cancel, read.Headers.ETag);
    }

    public Task<JsonElement> PutAsync(string path, object? body, CancellationToken cancel) => SendAsync(HttpMethod.Put, path, body, cancel);

    public async Task<byte[]> DownloadAsync(string path, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, path);
        using var answer = await http.SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode) using (await ReadAsync(answer, "GET " + path, cancel)) { }
        return await answer.Content.ReadAsByteArrayAsync(cancel);
    }

    public async Task<JsonElement> UploadAsync(string path, HttpContent content, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Post, path);
        request.Content = content;
        using var answer = await http.SendAsync(request, cancel);
        using var told = await ReadAsync(answer, "POST " + path, cancel);
        return told.RootElement.Clone();
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel, EntityTagHeaderValue? basedOn = null)
    {
        using var request = Request(method, path);
        if (basedOn is not null) request.Headers.IfMatch.Add(basedOn);
        request.Content = body switch { null => null, HttpContent content => content, _ => JsonContent.Create(body) };
        using var answer = await http.SendAsync(request, cancel);
        using var told = await ReadAsync(answer, $"{method} {path}", cancel);
        return told.RootElement.Clone();
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (Token.Length > 0) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return request;
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage answer, string what, CancellationToken cancel)
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text.Length == 0 ? "null" : text)
            : throw new RefusedException($"{what} answered {(int)answer.StatusCode}: {text}", answer.StatusCode);
    }
}

/// <summary>A service refused what the demo asked for.</summary>
internal sealed class RefusedException(string message, HttpStatusCode status = 0) : Exception(message)
{
    /// <summary>What it answered; 0 when it was not an answer.</summary>
    public HttpStatusCode Status => status;
}
