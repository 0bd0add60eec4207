using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Tutti.Demo.Load;

namespace Tutti.EndToEnd.Tests;

/// <summary>
/// Several clients that write and submit proposals while services die around them. A client that gets no answer asks again; what was
/// acknowledged is remembered.
/// </summary>
internal sealed class Submitters(Uri url, string token, Guid call)
{
    private readonly ConcurrentQueue<Guid> acknowledged = [];
    private readonly ConcurrentQueue<string> surprises = [];

    public IReadOnlyCollection<Guid> Acknowledged => acknowledged;

    /// <summary>Answers that no client should ever get.</summary>
    public IReadOnlyCollection<string> Surprises => surprises;

    /// <summary>
    /// Submits with several clients until stopped. The tests are about kills, not about load: a pause after each submission leaves the machine
    /// room for starting services again.
    /// </summary>
    public Task RunAsync(int clients, TimeSpan pause, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => ClientAsync(pause, stop), CancellationToken.None)));

    private async Task ClientAsync(TimeSpan pause, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await SubmitOneAsync(http);
                await Task.Delay(pause, CancellationToken.None);
            }
            catch (Exception died) when (died is HttpRequestException or TaskCanceledException or IOException or SocketException)
            {
                // Whoever answered is dead: what was not acknowledged may or may not be there.
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private async Task SubmitOneAsync(HttpClient http)
    {
        using var created = await http.PostAsJsonAsync("/api/proposals", new { callId = call });
        if (!await ExpectAsync(created, HttpStatusCode.Created)) return;
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var filled = await http.PutAsync($"/api/proposals/{id}", SubmissionLoad.Draft());
        if (!await ExpectAsync(filled, HttpStatusCode.NoContent)) return;
        using var submitted = await http.PostAsync($"/api/proposals/{id}/submission", null);
        if (await ExpectAsync(submitted, HttpStatusCode.OK)) acknowledged.Enqueue(id);
    }

    private async Task<bool> ExpectAsync(HttpResponseMessage answer, HttpStatusCode wanted)
    {
        if (answer.StatusCode == wanted) return true;
        // 502 to 504: the gateway has no living replica at the moment.
        if (answer.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            surprises.Enqueue($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return false;
    }
}
