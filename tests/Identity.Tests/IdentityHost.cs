using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Identity.Accounts;
using Tutti.Identity.Demo;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Identity.Tests;

/// <summary>The Identity service with the people of the demo.</summary>
public class IdentityHost : ServiceHost<IdentityDb>
{
    public const string Password = "correct horse battery";

    public IdentityHost() => Set(DemoAccounts.Setting, "true");

    public static DemoAccount Demo(string login) => DemoAccounts.All.Single(person => person.Login == login);

    public static Person Caller(string login) => Demo(login) is var found ? new Person(found.Name, found.Group, [.. found.Roles]) { Id = found.Id } : throw new InvalidOperationException();

    public Task<HttpResponseMessage> SignInAsync(string login, string password, string? scope = null) => AskAsync(
        ("grant_type", "password"), ("client_id", "tutti"), ("username", login), ("password", password), ("scope", scope));

    public Task<HttpResponseMessage> RefreshAsync(string? token) => AskAsync(("grant_type", "refresh_token"), ("client_id", "tutti"), ("refresh_token", token));

    public async Task<HttpResponseMessage> AskAsync(params (string Name, string? Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value)));
        return await CreateClient().PostAsync("/connect/token", content);
    }

    public static async Task<(string Access, string? Refresh)> TokensAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return (body.GetProperty("access_token").GetString() ?? "", body.TryGetProperty("refresh_token", out var refresh) ? refresh.GetString() : null);
    }

    public HttpClient With(string token)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<Guid> OpenAccountAsync(string login, params string[] roles)
    {
        var answer = await As(Caller("olga")).PostAsJsonAsync("/api/identity/accounts", new { login, name = $"Test {login}", group = "testers", roles, password = Password });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<CreateAccount.Response>(Json.Strict) ?? throw new JsonException("null")).Id;
    }

    public static async Task OAuthRefusedAsync(HttpResponseMessage answer, string error, string? code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode is 400 or 401 or 429, $"{answer.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        Assert.Equal(error, json.RootElement.GetProperty("error").GetString());
        if (code is not null) Assert.Equal(code, json.RootElement.GetProperty("code").GetString());
    }
}
