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

        /// <summary>The id of what a team is offered for an experiment; empty: nothing.</summary>
        public async Task<string> OfferOfAsync(Guid experiment, Person? by = null) =>
            (await host.ReadAsync<List<Offering.AnswerOffer.Offer>>("offers", by ?? SchedulingHost.Maria)).Where(one => one.ExperimentId == experiment).OrderByDescending(one => one.Answer == TeamAnswer.Asked).FirstOrDefault()?.Id ?? "";

        /// <summary>What a team says to what it is offered now.</summary>
        public async Task<HttpResponseMessage> AnswerAsync(Guid experiment, bool accepts, string? reason = null, Person? by = null) =>
            await host.As(by ?? SchedulingHost.Maria).PostAsJsonAsync($"/api/scheduling/experiments/{experiment}/answer", new { offer = await host.OfferOfAsync(experiment, by), accepts, reason });

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

        /// <summary>A call with experiments of two to eight shifts, in pairs with gaps, on instruments that share a source: too hard to be proven in minutes.</summary>
        public async Task<Guid> HardCallAsync()
        {
            var call = Guid.CreateVersion7();
            var source = $"source-{call}";
            string[] codes = [await host.InstrumentAsync("elettra", 60, source), await host.InstrumentAsync("elettra", 60, source), await host.InstrumentAsync("bnc", 60)];
            var random = new Random(7);
            for (var n = 0; n < 60; n++)
            {
                var (a, b) = (SchedulingHost.Experiment(codes[n % 2], random.Next(2, 9)), SchedulingHost.Experiment(codes[2], random.Next(2, 9)));
                await host.HearAsync(host.Accepted(call, a, b with { After = [new() { ExperimentId = a.ExperimentId, MinGapHours = random.Next(1, 5) * 24, MaxGapHours = 300 }] }) with { Grade = random.Next(40, 100) });
            }
            return call;
        }

        /// <summary>Waits until the planner is at a round of a plan, and has found something; gives the run.</summary>
        public async Task<Guid> SearchingAsync(Guid plan, int round = 1)
        {
            ReadRuns.Response? run = null;
            await host.UntilAsync(async _ => (run = (await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).FirstOrDefault()) is { Status: PlanRunStatus.Running, Improvements: > 0 } && run.Round == round, $"a search for plan {plan}");
            return run?.Id ?? default;
        }

        /// <summary>Says that a search is enough.</summary>
        public async Task EnoughAsync(Guid plan, Guid run) =>
            Assert.Equal(HttpStatusCode.Accepted, (await host.As(SchedulingHost.Office).PostAsync($"/api/scheduling/plans/{plan}/runs/{run}/cancellation", null)).StatusCode);

        /// <summary>Keeps the planner at work on a plan until it is told that it is enough.</summary>
        public async Task<(Guid Plan, Guid Run)> BusyAsync()
        {
            var call = await host.HardCallAsync();
            var plan = (await (await host.As(SchedulingHost.Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", new { timeLimitSeconds = 600 })).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
            return (plan, await host.SearchingAsync(plan));
        }

        /// <summary>Lets the planner go over a plan again, to the end of that round.</summary>
        public async Task RoundAsync(Guid plan, int round)
        {
            (await host.ChangeAsync(plan, "rounds", new { reason = "Look again" })).EnsureSuccessStatusCode();
            await host.UntilAsync(async db => await db.Plans.FindAsync(plan) is { Status: CallPlanStatus.Ready } read && read.Round == round, $"round {round} of plan {plan}");
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
            return details.GetProperty("conflicts").EnumerateArray().DistinctBy(one => one.GetProperty("code").GetString()).ToDictionary(one => one.GetProperty("code").GetString() ?? "");
        }
    }
}
