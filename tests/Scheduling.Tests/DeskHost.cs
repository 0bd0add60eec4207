using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Scheduling.Tests;

/// <summary>What people at the desk do, in a line each.</summary>
internal static class DeskCalls
{
    extension(SchedulingHost host)
    {
        /// <summary>Sends a change based on a version of the plan; on the latest where none is named.</summary>
        public async Task<HttpResponseMessage> ChangeAsync(Guid plan, string what, object body, Person? by = null, int? tag = null, HttpMethod? method = null)
        {
            var request = new HttpRequestMessage(method ?? HttpMethod.Post, $"/api/scheduling/plans/{plan}/{what}") { Content = JsonContent.Create(body) };
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{tag ?? await host.TagAsync(plan)}\"");
            return await host.As(by ?? SchedulingHost.Office).SendAsync(request);
        }

        /// <summary>The entity tag of a plan.</summary>
        public async Task<int> TagAsync(Guid plan)
        {
            var answer = await host.As(SchedulingHost.Office).GetAsync($"/api/scheduling/plans/{plan}");
            return int.Parse(answer.Headers.ETag?.Tag.Trim('"') ?? "", CultureInfo.InvariantCulture);
        }

        public Task<HttpResponseMessage> MoveAsync(Guid plan, Guid experiment, DateTimeOffset from, int shifts = 3, bool force = false, Person? by = null, int? tag = null, string reason = "The team asked for it") =>
            host.ChangeAsync(plan, "moves", new { experimentId = experiment, blocks = new[] { new { from, shifts } }, reason, force }, by, tag);

        /// <summary>A plan, ready to be published, of experiments that need no cell.</summary>
        public async Task<(Guid Plan, ProposalAccepted[] Proposals)> ReadyPlanAsync(params ExperimentRequest[] experiments)
        {
            var call = Guid.CreateVersion7();
            List<ProposalAccepted> proposals = [];
            foreach (var one in experiments) proposals.Add(await host.AcceptAsync(call, one));
            var plan = await host.PlanAsync(call);
            await host.UntilAsync(plan, CallPlanStatus.Ready);
            return (plan, [.. proposals]);
        }

        public async Task<ReadPlan.Placement> PlaceOfAsync(Guid plan, Guid experiment) => (await host.ReadPlanAsync(plan)).Placements.Single(place => place.ExperimentId == experiment);

        public async Task<List<ListVersions.Response>> VersionsAsync(Guid plan) => await host.ReadAsync<List<ListVersions.Response>>($"plans/{plan}/versions");

        public async Task<T> ReadAsync<T>(string path, Person? by = null) where T : class =>
            await host.As(by ?? SchedulingHost.Office).GetFromJsonAsync<T>($"/api/scheduling/{path}", Json.Strict) ?? throw new JsonException("null");
    }

    extension(HttpResponseMessage answer)
    {
        public async Task<T> ReadAsync<T>(HttpStatusCode status = HttpStatusCode.OK) where T : class
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {body}");
            return JsonSerializer.Deserialize<T>(body, Json.Strict) ?? throw new JsonException("null");
        }

        /// <summary>The conflicts for which a change was refused, by code.</summary>
        public async Task<Dictionary<string, JsonElement>> ConflictsAsync(string code = "plan.conflicts")
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.Conflict, $"{answer.StatusCode}: {body}");
            var details = JsonDocument.Parse(body).RootElement;
            Assert.Equal(code, details.GetProperty("code").GetString());
            return details.GetProperty("conflicts").EnumerateArray().ToDictionary(one => one.GetProperty("code").GetString() ?? "");
        }
    }
}
