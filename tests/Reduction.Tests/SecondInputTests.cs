using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Prescribing;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Registering;
using Tutti.Reduction.Results;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class A_recipe_that_uses_more_than_the_series(ReductionHost host) : IClassFixture<ReductionHost>
{
    private static readonly object one = new { components = 1 };
    private static readonly byte[] scans = Files.Zip([.. Enumerable.Range(1, 5).Select(number => ($"s{number}.xdi", Files.Xdi($"s{number}", $"2026-01-0{number}T10:00:00", number).Bytes.ToArray()))]).Bytes.ToArray();

    [Fact]
    public async Task Ties_the_spectra_to_the_potential_and_capacity_of_the_cell_by_the_cyclers_log()
    {
        var (_, experiment) = await host.ProposalAsync();
        var log = Log();
        var set = await RegisterAsync(experiment, scans, "application/zip");
        var cell = await RegisterAsync(experiment, log, "text/plain");
        var recipe = await WriteAsync(new { step = "electrochemistry-clock", references = Names("cell") });
        var job = (await ReadAsync<FollowRecipe.Response>(await FollowAsync(recipe, set, new { cell }), HttpStatusCode.Accepted)).Id;
        var ended = await host.EndedAsync(job);
        Assert.Equal(JobStatus.Completed, ended.Status);
        Assert.Equal(new JobReference("cell", cell, Convert.ToHexStringLower(SHA256.HashData(log))), Assert.Single(ended.References));
        var maria = host.As(Maria);
        var result = ReductionResult.FromJson(await maria.GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        // The log begins an hour before the first spectrum and rises by a tenth of a volt a day; the last spectrum is after its end.
        var hours = Enumerable.Range(0, 5).Select(day => 1 + (24.0 * day)).ToArray();
        Assert.Equal([.. hours.Take(4).Select(hour => (double?)Math.Round(3.5 + (0.1 * hour / 24), 9)), null], result.Columns["potential"].Select(Rounded));
        Assert.Equal([.. hours.Take(4).Select(hour => (double?)Math.Round(0.5 * hour, 9)), null], result.Columns["capacity"].Select(Rounded));
        Assert.Equal([0, 86_400, 172_800, 259_200, 345_600], result.Columns["seconds"].Select(value => value ?? double.NaN));
        var used = Assert.Single(result.References);
        Assert.Equal(("cell", Convert.ToHexStringLower(SHA256.HashData(log))), (used.Name, Assert.Single(used.Sources).Sha256));
        Assert.Contains(result.Warnings, warning => warning.Code == "outside_electrochemistry");
        var plots = await maria.GetFromJsonAsync<List<ReadResult.Plot>>($"/api/reduction/jobs/{job}/plots", Json.Strict) ?? [];
        Assert.Contains("concentrations-potential", plots.Select(plot => plot.Name));
        Assert.Contains("concentrations-capacity", plots.Select(plot => plot.Name));
        Assert.Contains("time since the first spectrum (h)", await maria.GetStringAsync(plots.Single(plot => plot.Name == "concentrations").Svg), StringComparison.Ordinal);
        var lines = (await maria.GetStringAsync($"/api/reduction/jobs/{job}/concentrations.csv")).Split("\r\n");
        Assert.Equal("spectrum,time,label,capacity,current,potential,seconds,component 1", lines[0]);
        var record = JsonElement.Parse(await maria.GetStringAsync($"/api/reduction/jobs/{job}/preparation.json"))[0];
        Assert.Equal(used.SeriesHash, record.GetProperty("references").GetProperty("cell").GetString());
        Assert.Equal(HttpStatusCode.OK, (await maria.GetAsync($"/api/reduction/jobs/{job}/result.nxs")).StatusCode);
        static double? Rounded(double? value) => value is { } number ? Math.Round(number, 9) : null;
    }

    [Fact]
    public async Task Gives_what_the_command_line_gives_with_the_same_files()
    {
        var (_, experiment) = await host.ProposalAsync();
        var (content, background) = (Csv(), Csv(new(Spectra: 2, Channels: 80, Components: 1, Seed: 5)));
        var recipe = await WriteAsync(new { step = "subtract-background", reference = "empty", backgroundScale = 0.1 });
        var empty = await RegisterAsync(experiment, background);
        var single = await RegisterAsync(experiment, [.. Encoding.ASCII.GetBytes(string.Join('\n', Encoding.ASCII.GetString(background).Split('\n').Take(3)))]);
        Assert.NotEqual(empty, single);
        var set = await RegisterAsync(experiment, [.. Encoding.ASCII.GetBytes(string.Join('\n', Encoding.ASCII.GetString(content).Split('\n').Take(3)))]);
        var job = (await ReadAsync<FollowRecipe.Response>(await FollowAsync(recipe, set, new { empty }), HttpStatusCode.Accepted)).Id;
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(job)).Status);
        var result = ReductionResult.FromJson(await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        using var run = new CommandLineRun();
        var (series, reference) = (run.PathOf("charge"), run.PathOf("empty"));
        await File.WriteAllBytesAsync(series, await host.As(Maria).GetByteArrayAsync($"/api/reduction/datasets/{set}/content"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(reference, background, TestContext.Current.CancellationToken);
        var file = run.Write("recipe.json", """{"steps":[{"step":"subtract-background","reference":"empty","backgroundScale":0.1}],"model":{"components":1}}""");
        var said = await run.ReduceAsync(series, "--recipe", file, "--reference", $"empty={reference}", "--axis-name", "energy", "--axis-unit", "eV");
        Assert.Equal(said.GetProperty("inputHash").GetString(), result.InputHash);
        Assert.Equal(said.GetProperty("bestLofPercent").GetDouble(), result.BestLofPercent);
        Assert.Equal(said.GetProperty("references")[0].GetProperty("seriesHash").GetString(), Assert.Single(result.References).SeriesHash);
    }

    [Fact]
    public async Task Is_refused_with_each_name_that_is_missing_unknown_or_not_used()
    {
        var (_, experiment) = await host.ProposalAsync();
        var set = await RegisterAsync(experiment, scans, "application/zip");
        var recipe = await WriteAsync(new { step = "electrochemistry-clock", references = Names("cell", "second") });
        var foreign = await ReadAsync<RegisterDataSet.Response>(await ForeignAsync(), HttpStatusCode.Created);
        Assert.Equal(["missing_reference", "missing_reference"], await CodesAsync(recipe, set, new { }));
        Assert.Equal(["missing_reference", "unused_reference"], await CodesAsync(recipe, set, new { cell = set, sell = set }));
        Assert.Equal(["unknown_reference", "unknown_reference"], await CodesAsync(recipe, set, new { cell = Guid.CreateVersion7(), second = foreign.Id }));
        Assert.Equal(["unused_reference"], await CodesAsync(await WriteAsync(new { step = "scale", factor = 2.0 }), set, new { foil = set }));
        var cell = await RegisterAsync(experiment, Log(), "text/plain");
        Assert.Equal(["data-set.no-spectra"], await Assert.RefusedAsync(await host.QueueAsync(cell, one), HttpStatusCode.UnprocessableEntity, "job.invalid"));

        async Task<IEnumerable<string>> CodesAsync(Guid followed, Guid dataSet, object references) =>
            (await Assert.RefusedAsync(await FollowAsync(followed, dataSet, references), HttpStatusCode.UnprocessableEntity, "job.invalid")).Order(StringComparer.Ordinal);
        async Task<HttpResponseMessage> ForeignAsync()
        {
            Guid proposal = Guid.CreateVersion7(), elsewhere = Guid.CreateVersion7();
            await host.HearAsync(Accepted(proposal, 1, [Stranger], (elsewhere, "bnc-psd")));
            return await host.UploadAsync(elsewhere, Csv(new(Spectra: 12, Channels: 20)), by: Stranger);
        }
    }

    [Fact]
    public async Task Does_not_take_what_only_its_requester_may_read_of_another_proposal()
    {
        var (_, experiment) = await host.ProposalAsync();
        var set = await RegisterAsync(experiment, scans, "application/zip");
        var recipe = await WriteAsync(new { step = "electrochemistry-clock", references = Names("cell") });
        Guid proposal = Guid.CreateVersion7(), elsewhere = Guid.CreateVersion7();
        await host.HearAsync(Accepted(proposal, 1, [Maria], (elsewhere, "bnc-psd")));
        var cell = await RegisterAsync(elsewhere, Log(), "text/plain");
        Assert.Equal(
            ["reference_other_proposal"], await Assert.RefusedAsync(await FollowAsync(recipe, set, new { cell }), HttpStatusCode.UnprocessableEntity, "job.invalid"));
        (await host.As(Maria).PutAsJsonAsync($"/api/reduction/datasets/{cell}/terms", new { licence = "CC0-1.0", embargoUntil = host.Time.GetUtcNow(), reason = "paper" })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Accepted, (await FollowAsync(recipe, set, new { cell })).StatusCode);
    }

    [Fact]
    public async Task Is_not_tried_again_by_one_who_may_no_longer_read_its_second_input()
    {
        Guid proposal = Guid.CreateVersion7(), experiment = Guid.CreateVersion7(), elsewhere = Guid.CreateVersion7();
        await host.HearAsync(Accepted(proposal, 1, [Maria], (experiment, "elettra-xafs"), (elsewhere, "bnc-psd")));
        var (set, cell) = (await RegisterAsync(experiment, Csv()), await RegisterAsync(elsewhere, Log(), "text/plain"));
        var recipe = await WriteAsync(new { step = "electrochemistry-clock", references = Names("cell") });
        var job = (await ReadAsync<FollowRecipe.Response>(await FollowAsync(recipe, set, new { cell }), HttpStatusCode.Accepted)).Id;
        Assert.Equal("times_missing", (await host.EndedAsync(job)).Failure?.Code);
        await Assert.RefusedAsync(await host.As(Staff).PostAsync($"/api/reduction/jobs/{job}/retry", null), HttpStatusCode.Forbidden, "data-set.contents-closed");
        Assert.Equal(HttpStatusCode.Accepted, (await host.As(Maria).PostAsync($"/api/reduction/jobs/{job}/retry", null)).StatusCode);
    }

    [Fact]
    public async Task Whose_second_input_does_not_fit_fails_with_the_steps_code()
    {
        var (_, experiment) = await host.ProposalAsync();
        var set = await RegisterAsync(experiment, Csv());
        var recipe = await WriteAsync(new { step = "electrochemistry-clock", references = Names("cell") });
        var cell = await RegisterAsync(experiment, Log(), "text/plain");
        var job = (await ReadAsync<FollowRecipe.Response>(await FollowAsync(recipe, set, new { cell }), HttpStatusCode.Accepted)).Id;
        Assert.Equal("times_missing", (await host.EndedAsync(job)).Failure?.Code);
    }

    // As EC-Lab writes it: Latin-1, decimal comma; three days, a point each hour.
    private static byte[] Log()
    {
        var text = new StringBuilder("EC-Lab ASCII FILE\r\nNb header lines : 5\r\nElectrode surface area : 1,000 cm²\r\nAcquisition started on : 01/01/2026 09:00:00.000\r\n");
        text.Append("mode\ttime/s\tEwe/V\t<I>/mA\t(Q-Qo)/mA.h\t\r\n");
        for (var hour = 0; hour <= 80; hour++)
            text.Append("3\t").AppendJoin('\t', new[] { 3600.0 * hour, 3.5 + (0.1 * hour / 24), 0.5, 0.5 * hour }.Select(value => value.ToString("E12", CultureInfo.InvariantCulture).Replace('.', ','))).Append("\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string[] Names(params string[] names) => names;

    private async Task<Guid> RegisterAsync(Guid experiment, byte[] content, string type = "text/csv") =>
        (await ReadAsync<RegisterDataSet.Response>(await host.UploadAsync(experiment, content, type), HttpStatusCode.Created)).Id;

    private async Task<Guid> WriteAsync(object step) =>
        (await ReadAsync<WriteRecipe.Response>(await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", new { name = "R", options = one, steps = new[] { step } }), HttpStatusCode.Created)).Id;

    private Task<HttpResponseMessage> FollowAsync(Guid recipe, Guid dataSetId, object references) =>
        host.As(Maria).PostAsJsonAsync($"/api/reduction/recipes/{recipe}/jobs", new { dataSetId, references });
}

[Trait("engine", "any")]
public sealed class The_steps_that_use_a_second_input
{
    public static TheoryData<string, string[]> Steps => new()
    {
        { """{"step":"align-to-foil","element":"Ni"}""", ["foil"] },
        { """{"step":"align-to-foil","element":"Ni","shifts":[1]}""", [] },
        { """{"step":"check-self-absorption"}""", ["transmission"] },
        { """{"step":"optical-density","reference":"i0"}""", ["i0"] },
        { """{"step":"optical-density","brightestPercent":5}""", [] },
        { """{"step":"fold","reference":"iron"}""", ["iron"] },
        { """{"step":"fold"}""", [] },
        { """{"step":"calibrate-velocity"}""", ["iron"] },
        { """{"step":"calibrate-velocity","zeroChannel":100,"mmPerSecondPerChannel":0.05}""", [] },
        { """{"step":"normalise-by-monitor","reference":"monitor"}""", ["monitor"] },
        { """{"step":"normalise-by-monitor","monitors":[1]}""", [] },
        { """{"step":"subtract-background"}""", ["background"] },
        { """{"step":"scatter-correction","reference":"mean"}""", ["mean"] },
        { """{"step":"scatter-correction"}""", [] },
        { """{"step":"electrochemistry-clock","references":["a","b"]}""", ["a", "b"] },
        { """{"step":"scale","factor":2}""", [] },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void Say_which_and_fail_without_it_as_they_say(string json, string[] names)
    {
        var step = Assert.Single(RecipeSteps.Of($"[{json}]"));
        Assert.Equal(names, step.Needs);
        var times = Enumerable.Range(0, 12).Select(hour => new DateTime(2026, 1, 1, hour, 0, 0, DateTimeKind.Unspecified)).ToArray();
        var made = SyntheticSeries.Make(new(Spectra: 12, Channels: 60));
        var series = new SpectralSeries("made", new SpectralAxis("energy", "eV", made.Axis), made.Data, null, times, [], []);
        var refused = Record.Exception(() => Prepare.Run(series, step is CheckSelfAbsorption ? [new FindEdge(), step] : [step], new PreparationContext("x", DateTimeOffset.UnixEpoch)));
        // Without a second input a step is carried out, or refuses these data for a reason of its own.
        Assert.Equal(names.Length > 0, (refused as PreparationException)?.Code == "reference_missing");
        Assert.True(refused is null or PreparationException, $"{refused}");
    }
}
