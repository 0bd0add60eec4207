using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Tutti.Testing;

namespace Tutti.Demo.Line;

/// <summary>
/// The whole line once, through the public HTTP API, as the different people: advice, proposal, both feasibilities, a revision, grades,
/// ranking, acceptance, plan, cell, publication, measurement, data, PCA and MCR-ALS.
/// </summary>
internal sealed class ProposalLine(HttpClient http, LineOptions options, Story story)
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(90);
    private readonly Dictionary<string, Caller> people = [];
    private readonly Guid xas = Guid.CreateVersion7(), xrd = Guid.CreateVersion7(), nmr = Guid.CreateVersion7(), neutrons = Guid.CreateVersion7(), sample = Guid.CreateVersion7();
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private CancellationToken cancel;

    private Guid proposal, call;

    public async Task<LineResult> RunAsync(CancellationToken cancel)
    {
        this.cancel = cancel;
        await SignInAsync();
        var advice = await AskTheBoardAsync();
        await OpenCallAsync();
        var cell = await PutCellIntoPoolAsync();
        await WriteAndSubmitAsync(advice, cell);
        await JudgeAsync();
        await EvaluateAsync();
        var plan = await PlanAsync();
        await MeasureAsync();
        var (job, source, files) = await ReduceAsync();
        return await ReportAsync(plan, job, source, files);
    }

    private async Task SignInAsync()
    {
        string[] logins = ["maria", "luka", "nina", "tomas", "viktor", "elena", "janez", "agnes", "pavel", "paula", "petra", "kira", "olga"];
        await story.StepAsync("all", $"{logins.Length} people sign in", async () =>
        {
            foreach (var login in logins) people[login] = await Caller.SignInAsync(http, login, cancel);
        });
        // The services hear of people and instruments by events; a moment after the first start they know them.
        await story.StepAsync("maria", "looks for operando XAS in the catalogue",
            () => UntilAsync("maria", "/api/catalogue/instruments?technique=xas&mode=operando", found => found.GetArrayLength() > 0, "an operando XAS instrument"),
            found => string.Join(", ", found.EnumerateArray().Select(instrument => instrument.GetProperty("code").GetString())));
    }

    private async Task<Guid> AskTheBoardAsync()
    {
        var advice = Id(await story.StepAsync("maria", "asks the advisory board", () => As("maria").PostAsync("/api/review/advice", new
        {
            question = "We lose oxygen from LiNiO2 above 4.2 V. Which techniques, together, tell where the charge goes?", techniqueCodes = new[] { "xas" }, sample = "LiNiO2 electrodes", industrial = false,
        }, cancel)));
        await story.StepAsync("nina", "answers: add diffraction and 7Li NMR, neutrons for the bulk", () => As("nina").PostAsync($"/api/review/advice/{advice}/answer", new
        {
            text = "XAS sees nickel and, softly, oxygen; combine it with diffraction on the same cell, 7Li NMR for lithium and neutrons for the bulk.", techniqueCodes = new[] { "xas", "xrd", "nmr-solid", "npd" },
            complementary = new[] { new { techniqueCode = "xrd", reason = "Structure on the same cell and state of charge." }, new { techniqueCode = "nmr-solid", reason = "Lithium sites." } },
        }, cancel));
        return advice;
    }

    private async Task OpenCallAsync()
    {
        call = Id(await story.StepAsync("olga", "opens a call, the board's feasibility is required", () => As("olga").PostAsync("/api/proposals/calls", new
        {
            title = "Battery call", opensAt = now.AddMinutes(-1), closesAt = now.AddHours(1), boardFeasibilityRequired = true, panelChairId = As("petra").Id,
            panelMemberIds = new[] { As("pavel").Id, As("paula").Id }, beamtimeFrom = now.AddDays(20), beamtimeTo = now.AddDays(140),
        }, cancel)));
    }

    private async Task<string> PutCellIntoPoolAsync()
    {
        const string Design = "operando-pouch-cell";
        await story.StepAsync("kira", "adds a design to the cell pool: an operando pouch cell for XAFS and MCX, and one unit of it", async () =>
        {
            await EventuallyAsync(() => As("kira").PostAsync("/api/cellpool/designs", new
            {
                code = Design, name = "Operando pouch cell", instruments = new[] { "elettra-xafs", "elettra-mcx" }, modes = new[] { "in-situ", "operando" }, facts = "Two Kapton windows, 2 cm, Li counter electrode.",
            }, cancel));
            await As("kira").PostAsync("/api/cellpool/cells", new
            {
                code = "pouch-1", design = Design, homeSite = "elettra", qualifiedInstruments = new[] { "elettra-xafs", "elettra-mcx" }, preparationHours = 24, cleaningHours = 24,
            }, cancel);
        });
        return Design;
    }

    private async Task WriteAndSubmitAsync(Guid advice, string cell)
    {
        proposal = Id(await story.StepAsync("maria", "starts a draft", () => As("maria").PostAsync("/api/proposals", new { callId = call }, cancel)));
        await story.StepAsync("maria", "submits the empty draft, which is refused with everything that is missing",
            () => RefusedAsync(As("maria"), $"/api/proposals/{proposal}/submission", HttpStatusCode.UnprocessableEntity));
        await story.StepAsync("maria", "writes XAS and XRD at Elettra, NMR in Ljubljana, neutrons in Budapest, with an operando cell from the pool",
            () => As("maria").PutAsync($"/api/proposals/{proposal}", Draft(advice, cell, "We follow the first charge."), cancel));
        await story.StepAsync("maria", "submits", () => As("maria").PostAsync($"/api/proposals/{proposal}/submission", null, cancel), answer => $"acknowledged at {answer.GetProperty("submittedAt").GetString()}");
    }

    private object Draft(Guid advice, string cell, string plan) => new
    {
        text = new
        {
            title = "Where the charge goes in LiNiO2", @abstract = "Oxygen leaves LiNiO2 at high voltage. Four probes on the same electrodes tell nickel, structure, lithium and bulk. " + plan,
            samples = new[] { new { id = sample, name = "LNO electrode", composition = "LiNiO2", hazards = new[] { "irritant" }, airSensitive = true } },
            experiments = new object[]
            {
                new { id = xas, title = "Ni K edge during charge", instrumentCode = "elettra-xafs", shifts = 6, mode = "operando", sampleId = sample, cellDesignCode = cell },
                new { id = xrd, title = "Diffraction, same cell", instrumentCode = "elettra-mcx", shifts = 3, mode = "operando", sampleId = sample, cellDesignCode = cell, after = new[] { new { experimentId = xas, minGapHours = 24 } } },
                new { id = nmr, title = "7Li of cycled electrodes", instrumentCode = "ki-nmr", shifts = 3, mode = "ex-situ", sampleId = sample, after = new[] { new { experimentId = xrd, minGapHours = 48 } } },
                new { id = neutrons, title = "Neutron diffraction", instrumentCode = "bnc-psd", shifts = 6, mode = "ex-situ", sampleId = sample, after = new[] { new { experimentId = xrd, minGapHours = 72 } } },
            },
            adviceIds = new[] { advice }, wouldMakeVideo = true, acceptedDeclaration = "2026-1",
        },
        team = new[] { As("luka").Id },
    };

    private async Task JudgeAsync()
    {
        var asked = await story.StepAsync("elena", "finds the proposal's tasks of her site", () => TasksAsync("elena", 2));
        await story.StepAsync("elena", "asks for a revision", () => As("elena").PostAsync($"/api/review/feasibility/{TaskOf(asked, xas)}/revision", new { reason = "Say at which rate you charge: our scan takes 2 minutes." }, cancel));
        await story.StepAsync("maria", "sees what is to be changed", () => UntilAsync("maria", $"/api/proposals/{proposal}", read => Text(read, "status") == "revision-requested", "a request for revision"),
            read => read.GetProperty("revisionReasons")[0].GetString() ?? "");
        await story.StepAsync("maria", "revises and submits again", async () =>
        {
            var advice = (await As("maria").GetAsync($"/api/proposals/{proposal}", cancel)).GetProperty("text").GetProperty("adviceIds")[0].GetGuid();
            await As("maria").PutAsync($"/api/proposals/{proposal}", Draft(advice, "operando-pouch-cell", "We charge at C/10, one spectrum in two minutes."), cancel);
            await As("maria").PostAsync($"/api/proposals/{proposal}/submission", null, cancel);
        });
        foreach (var (who, experiments) in new[] { ("elena", new[] { xas, xrd }), ("janez", [nmr]), ("agnes", [neutrons]) })
        {
            await story.StepAsync(who, $"judges {experiments.Length} experiment{(experiments.Length > 1 ? "s" : "")}: feasible", async () =>
            {
                var tasks = await TasksAsync(who, experiments.Length, submission: 2);
                foreach (var experiment in experiments) await As(who).PostAsync($"/api/review/feasibility/{TaskOf(tasks, experiment)}", new { verdict = "feasible", comment = "" }, cancel);
            });
        }
        var board = await story.StepAsync("viktor", "finds the board's task; nina, who advised, and tomas, of Maria's group, do not", async () =>
        {
            var task = TaskOf(await TasksAsync("viktor", 1, submission: 2), null);
            foreach (var conflicted in new[] { "nina", "tomas" })
                await RefusedAsync(As(conflicted), $"/api/review/feasibility/{task}", HttpStatusCode.Forbidden, new { verdict = "feasible", comment = "" });
            return task;
        });
        await story.StepAsync("viktor", "judges cell, sample and environment: feasible with changes", () => As("viktor").PostAsync($"/api/review/feasibility/{board}", new { verdict = "feasible-with-changes", comment = "Bring a spare cell." }, cancel));
        await story.StepAsync("maria", "sees the proposal in evaluation", () => UntilAsync("maria", $"/api/proposals/{proposal}", read => Text(read, "status") == "in-evaluation", "evaluation"));
    }

    private async Task EvaluateAsync()
    {
        await story.StepAsync("olga", "closes the call", () => As("olga").PostAsync($"/api/proposals/calls/{call}/closing", null, cancel));
        await story.StepAsync("pavel", "grades 92", () => EventuallyAsync(() => As("pavel").PutAsync($"/api/review/proposals/{proposal}/grade", new { value = 92, comment = "Four probes, one question." }, cancel)));
        await story.StepAsync("petra", "grades 88", () => EventuallyAsync(() => As("petra").PutAsync($"/api/review/proposals/{proposal}/grade", new { value = 88, comment = "Ambitious and clear." }, cancel)));
        await story.StepAsync("paula", "may not grade: she is of Maria's group", () => RefusedAsync(As("paula"), HttpMethod.Put, $"/api/review/proposals/{proposal}/grade", new { value = 100, comment = "Ours!" }, HttpStatusCode.Forbidden, HttpStatusCode.NotFound));
        await story.StepAsync("petra", "completes the evaluation and ranks", async () =>
        {
            await As("petra").PostAsync($"/api/review/proposals/{proposal}/evaluation", null, cancel);
            await As("petra").PostAsync($"/api/review/calls/{call}/ranking", new { proposalIds = new[] { proposal } }, cancel);
        });
        await story.StepAsync("olga", "accepts it with all shifts", () => As("olga").PostAsync($"/api/review/calls/{call}/decisions", new
        {
            decisions = new[]
            {
                new
                {
                    proposalId = proposal, outcome = "accepted", reasonCodes = Array.Empty<string>(),
                    grants = new[] { new { experimentId = xas, shifts = 6 }, new { experimentId = xrd, shifts = 3 }, new { experimentId = nmr, shifts = 3 }, new { experimentId = neutrons, shifts = 6 } },
                },
            },
        }, cancel));
        await story.StepAsync("maria", "reads that it is accepted", () => UntilAsync("maria", $"/api/proposals/{proposal}", read => Text(read, "status") == "accepted", "acceptance"));
    }

    private async Task<IReadOnlyList<PlannedExperiment>> PlanAsync()
    {
        var from = now.Date.AddDays(15);
        var run = new { reason = "Run of the coming half year", runPeriods = new[] { new { from, to = from.AddDays(130) } }, bridgeableHours = 0 };
        var reactor = new { reason = "Cycles of the reactor", reactor = new { firstStart = from, effectiveDays = 4, everyDays = 7, count = 18, weekendStop = true }, bridgeableHours = 72 };
        await story.StepAsync("staff", "publish run calendars of the four instruments", async () =>
        {
            await As("elena").PutLatestAsync("/api/scheduling/instruments/elettra-xafs/calendar", run, cancel);
            await As("elena").PutLatestAsync("/api/scheduling/instruments/elettra-mcx/calendar", run, cancel);
            await As("janez").PutLatestAsync("/api/scheduling/instruments/ki-nmr/calendar", run, cancel);
            await As("agnes").PutLatestAsync("/api/scheduling/instruments/bnc-psd/calendar", reactor, cancel);
        });
        var plan = Id(await story.StepAsync("olga", "asks for a plan", () => EventuallyAsync(() => As("olga").PostAsync($"/api/scheduling/calls/{call}/plans", new { }, cancel))));
        var ready = await story.StepAsync("planner", "places the experiments, the cell pool holds the cell",
            () => UntilAsync("olga", $"/api/scheduling/plans/{plan}", read => Text(read, "status") is "ready" or "failed", "a plan"),
            read => $"{Text(read, "status")} after {read.GetProperty("rounds").GetInt32()} round(s), {Text(read, "solverStatus")}");
        if (Text(ready, "status") != "ready") throw new RefusedException("The plan failed: " + ready);
        await story.StepAsync("olga", "publishes the plan", () => As("olga").PostLatestAsync($"/api/scheduling/plans/{plan}/publication", $"/api/scheduling/plans/{plan}", null, cancel));
        await story.StepAsync("maria", "sees the proposal planned", () => UntilAsync("maria", $"/api/proposals/{proposal}", read => Text(read, "status") == "planned", "planned experiments"));
        var published = await As("maria").GetAsync($"/api/scheduling/experiments?proposal={proposal}", cancel);
        return [.. published.EnumerateArray().OrderBy(experiment => experiment.GetProperty("shifts")[0].GetProperty("start").GetDateTimeOffset()).Select(experiment =>
        {
            var shifts = experiment.GetProperty("shifts").EnumerateArray().ToList();
            return new PlannedExperiment(TitleOf(Id(experiment)), Text(experiment, "instrumentCode") ?? "", Text(shifts[0], "label") ?? "", Text(shifts[^1], "label") ?? "",
                shifts.Count, Text(experiment, "cellCode") ?? "-");
        })];
    }

    private async Task MeasureAsync()
    {
        foreach (var (who, experiment) in new[] { ("elena", xas), ("elena", xrd), ("janez", nmr), ("agnes", neutrons) })
        {
            await story.StepAsync(who, $"reports beam and end of \"{TitleOf(experiment)}\"", async () =>
            {
                await As(who).PostAsync($"/api/scheduling/experiments/{experiment}/start", new { }, cancel);
                await As(who).PostAsync($"/api/scheduling/experiments/{experiment}/finish", new { shiftsUsed = 3 }, cancel);
            });
        }
        await story.StepAsync("maria", "sees the proposal measured", () => UntilAsync("maria", $"/api/proposals/{proposal}", read => Text(read, "status") == "measured", "measured experiments"));
    }

    private async Task<(JsonElement Job, SeriesSource Source, IReadOnlyList<string> Files)> ReduceAsync()
    {
        var source = SeriesSource.Find(options.Data);
        story.Tell($"          data: {source.Origin}");
        var query = $"experimentId={xas}&name={Uri.EscapeDataString(source.Name)}&axisName=energy&axisUnit=eV";
        var dataSet = await story.StepAsync("maria", $"uploads {source.Name}, {source.Content.Length / 1024} KiB", () =>
        {
            var content = new ByteArrayContent(source.Content);
            content.Headers.ContentType = new MediaTypeHeaderValue(source.Name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? "application/zip" : "application/octet-stream");
            return As("maria").UploadAsync($"/api/reduction/datasets?{query}", content, cancel);
        }, told => $"{told.GetProperty("spectra").GetInt32()} spectra of {told.GetProperty("channels").GetInt32()} channels");
        var job = Id(await story.StepAsync("maria", "queues PCA and MCR-ALS, non-negative, closed", () => As("maria").PostAsync("/api/reduction/jobs", new
        {
            dataSetId = Id(dataSet),
            options = new
            {
                window = source.Window is { } window ? new { low = window.From, high = window.To } : null, components = source.Components, nonNegativeC = true, nonNegativeS = true,
                closure = new { total = 1.0 }, maxIterations = 500,
            },
        }, cancel)));
        var last = "";
        var done = await story.StepAsync("worker", "reduces",
            () => UntilAsync("maria", $"/api/reduction/jobs/{job}", read =>
            {
                var progress = $"          {Text(read, "status")}: {read.GetProperty("progress")}";
                if (progress != last) story.Tell(last = progress);
                return Text(read, "status") is "completed" or "failed" or "cancelled";
            }, "a reduction"),
            read => read.GetProperty("result").ToString());
        if (Text(done, "status") != "completed") throw new RefusedException("The reduction failed: " + done);
        var files = await story.StepAsync("maria", $"fetches results and plots", () => FetchAsync(job), fetched => $"{fetched.Count} files in {options.Output}");
        return (done.GetProperty("result"), source, files);
    }

    private async Task<IReadOnlyList<string>> FetchAsync(Guid job)
    {
        Directory.CreateDirectory(options.Output);
        List<string> names = ["result.json", "concentrations.csv", "spectra.csv"];
        foreach (var plot in (await As("maria").GetAsync($"/api/reduction/jobs/{job}/plots", cancel)).EnumerateArray())
            names.AddRange([$"plots/{Text(plot, "name")}.svg", $"plots/{Text(plot, "name")}.png"]);
        List<string> files = [];
        foreach (var name in names)
        {
            var file = Path.Combine(options.Output, Path.GetFileName(name));
            await File.WriteAllBytesAsync(file, await As("maria").DownloadAsync($"/api/reduction/jobs/{job}/{name}", cancel), cancel);
            files.Add(file);
        }
        return files;
    }

    private async Task<LineResult> ReportAsync(IReadOnlyList<PlannedExperiment> plan, JsonElement job, SeriesSource source, IReadOnlyList<string> files)
    {
        await story.StepAsync("maria", "reports", () => As("maria").PostAsync($"/api/proposals/{proposal}/report", new { text = "Three components along the first charge." }, cancel));
        await story.StepAsync("olga", "closes the proposal", () => As("olga").PostAsync($"/api/proposals/{proposal}/closing", null, cancel));
        var read = await As("maria").GetAsync($"/api/proposals/{proposal}", cancel);
        return new LineResult
        {
            ProposalId = proposal, Statuses = [.. read.GetProperty("history").EnumerateArray().Select(change => Text(change, "to") ?? "")], Plan = plan,
            LofPercent = job.GetProperty("lofPercent").GetDouble(), R2Percent = job.GetProperty("r2Percent").GetDouble(), Components = job.GetProperty("components").GetInt32(),
            Iterations = job.GetProperty("iterations").GetInt32(), StopReason = Text(job, "stopReason") ?? "", Files = files, DataSource = source.Origin,
        };
    }

    private Caller As(string login) => people[login];

    private string TitleOf(Guid experiment) =>
        experiment == xas ? "Ni K edge during charge" : experiment == xrd ? "Diffraction, same cell" : experiment == nmr ? "7Li of cycled electrodes" : "Neutron diffraction";

    private static Guid Id(JsonElement told) => told.GetProperty("id").GetGuid();

    private static string? Text(JsonElement told, string name) => told.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private async Task<IReadOnlyList<JsonElement>> TasksAsync(string who, int count, int submission = 1)
    {
        IReadOnlyList<JsonElement> mine = [];
        await UntilAsync(who, $"/api/review/feasibility?proposalId={proposal}", tasks =>
            (mine = [.. tasks.EnumerateArray().Where(task => task.GetProperty("submission").GetInt32() == submission)]).Count >= count, $"{count} task(s)");
        return mine;
    }

    private static Guid TaskOf(IReadOnlyList<JsonElement> tasks, Guid? experiment) =>
        Id(tasks.Single(task => (task.GetProperty("experimentId").ValueKind == JsonValueKind.Null ? null : (Guid?)task.GetProperty("experimentId").GetGuid()) == experiment));

    /// <summary>Reads until something has come about: services hear from each other by events.</summary>
    private async Task<JsonElement> UntilAsync(string who, string path, Func<JsonElement, bool> condition, string what)
    {
        JsonElement read = default;
        await Poll.UntilAsync(async stop => condition(read = await As(who).GetAsync(path, stop)), patience, () => $"{what}; last seen: {read}", cancel);
        return read;
    }

    /// <summary>Asks again while a service has not yet heard of what another one knows already (404, 409, 422).</summary>
    private async Task<JsonElement> EventuallyAsync(Func<Task<JsonElement>> ask)
    {
        JsonElement answer = default;
        RefusedException? last = null;
        await Poll.UntilAsync(async _ =>
        {
            try
            {
                answer = await ask();
                return true;
            }
            catch (RefusedException notYet) when (notYet.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
            {
                last = notYet;
                return false;
            }
        }, patience, () => last?.Message ?? "", cancel);
        return answer;
    }

    private Task RefusedAsync(Caller caller, string path, HttpStatusCode expected, object? body = null) => RefusedAsync(caller, HttpMethod.Post, path, body, expected);

    /// <summary>Something that must be refused.</summary>
    private async Task RefusedAsync(Caller caller, HttpMethod method, string path, object? body, params HttpStatusCode[] expected)
    {
        try
        {
            if (method == HttpMethod.Put) await caller.PutAsync(path, body, cancel);
            else await caller.PostAsync(path, body, cancel);
        }
        catch (RefusedException refused) when (expected.Contains(refused.Status))
        {
            return;
        }
        throw new InvalidOperationException($"{caller.Login} was not refused: {path}");
    }
}
