using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Tutti.Contracts.Catalogue;
using Tutti.Reduction.Registering;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class The_terms_of_a_data_set(ReductionHost host) : IClassFixture<ReductionHost>
{
    [Fact]
    public async Task Keep_it_from_others_until_the_embargo_is_over_and_only_with_a_licence_open_it()
    {
        await using var own = new ReductionHost();
        await own.InitializeAsync();
        var (_, experiment) = await own.ProposalAsync();
        var until = own.Time.GetUtcNow().AddDays(30);
        var open = await SetAsync(own, experiment, Csv(new(Spectra: 12, Channels: 20)), $"&licence=cc-by-4.0&embargoUntil={until:yyyy-MM-ddTHH:mm:ssZ}");
        var closed = await SetAsync(own, experiment, Csv(new(Spectra: 12, Channels: 20, Seed: 2)), $"&embargoUntil={until:yyyy-MM-ddTHH:mm:ssZ}");
        var job = await own.JobAsync(open);
        await own.EndedAsync(job);
        foreach (var path in new[] { $"datasets/{open}", $"datasets/{open}/content", $"datasets/{closed}", $"jobs/{job}" })
            Assert.Equal(HttpStatusCode.NotFound, (await own.As(Stranger).GetAsync($"/api/reduction/{path}")).StatusCode);
        Assert.False((await ReadSetAsync(own, open)).Public);
        own.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(("CC-BY-4.0", true), ((await ReadSetAsync(own, open, Stranger)).Licence, (await ReadSetAsync(own, open, Stranger)).Public));
        foreach (var reader in new[] { Stranger, OtherStaff, Office }) Assert.Equal(HttpStatusCode.OK, (await own.As(reader).GetAsync($"/api/reduction/datasets/{open}/content")).StatusCode);
        Assert.Equal(open, Assert.Single(await own.As(Stranger).GetFromJsonAsync<List<ListDataSets.Response>>("/api/reduction/datasets", Json.Strict) ?? []).Id);
        foreach (var path in new[] { $"datasets/{closed}", $"datasets/{closed}/content", $"jobs/{job}", $"jobs/{job}/result.json" })
            Assert.Equal(HttpStatusCode.NotFound, (await own.As(Stranger).GetAsync($"/api/reduction/{path}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await own.QueueAsync(open, by: Stranger)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.CreateClient().GetAsync($"/api/reduction/datasets/{open}")).StatusCode);
    }

    [Fact]
    public async Task Are_changed_by_the_lead_with_a_history()
    {
        var (_, experiment) = await host.ProposalAsync();
        var set = await SetAsync(host, experiment, Csv(new(Spectra: 12, Channels: 20, Seed: 11)), "");
        var first = await ReadSetAsync(host, set);
        Assert.InRange(first.EmbargoUntil, host.Time.GetUtcNow().AddDays((3 * 365) - 1), host.Time.GetUtcNow().AddDays((3 * 365) + 1));
        var until = host.Time.GetUtcNow().AddDays(10);
        await Assert.RefusedAsync(await PutAsync(Luka, set, "CC0-1.0", until), HttpStatusCode.Forbidden, "data-set.not-lead");
        await Assert.RefusedAsync(await PutAsync(Staff, set, "CC0-1.0", until), HttpStatusCode.Forbidden, "data-set.not-lead");
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(Stranger, set, "CC0-1.0", until)).StatusCode);
        Assert.Equal(["licence.unknown"], await Assert.RefusedAsync(await PutAsync(Maria, set, "mine", until), HttpStatusCode.UnprocessableEntity, "data-set.invalid"));
        Assert.Equal(["embargo.too-long"], await Assert.RefusedAsync(await PutAsync(Maria, set, null, until.AddYears(11)), HttpStatusCode.UnprocessableEntity, "data-set.invalid"));
        Assert.Equal(["reason.length"], await Assert.RefusedAsync(await PutAsync(Maria, set, null, until, " "), HttpStatusCode.UnprocessableEntity, "data-set.invalid"));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(Maria, set, "CC-BY-4.0", until)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(Maria, set, "CC0-1.0", host.Time.GetUtcNow())).StatusCode);
        await Assert.RefusedAsync(await PutAsync(Maria, set, null, until), HttpStatusCode.Conflict, "data-set.public");
        var read = await ReadSetAsync(host, set);
        Assert.True(read.Public);
        Assert.Equal([null, "CC-BY-4.0", "CC0-1.0"], read.History.Select(change => change.Licence));
        Assert.Equal("paper", read.History[^1].Reason);
        var old = host.As(Maria);
        old.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"0\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await old.PutAsJsonAsync($"/api/reduction/datasets/{set}/terms", new { licence = "CC0-1.0", embargoUntil = until, reason = "late" })).StatusCode);
    }

    [Fact]
    public async Task Are_opened_before_the_usual_embargo_only_by_the_lead()
    {
        var (_, experiment) = await host.ProposalAsync();
        var (soon, late) = (host.Time.GetUtcNow().AddDays(1), host.Time.GetUtcNow().AddDays((3 * 365) + 1));
        string Terms(DateTimeOffset until) => $"&licence=CC0-1.0&embargoUntil={until:yyyy-MM-ddTHH:mm:ssZ}";
        Task<HttpResponseMessage> PostAsync(Person by, string terms, int seed) => host.As(by).PostAsync(UploadPath(experiment) + terms, Body(Csv(new(Spectra: 12, Channels: 20, Seed: (ulong)seed))));
        foreach (var other in new[] { Luka, Staff })
        {
            await Assert.RefusedAsync(await PostAsync(other, Terms(soon), 31), HttpStatusCode.Forbidden, "embargo_needs_lead");
            await Assert.RefusedAsync(await PostAsync(other, Terms(host.Time.GetUtcNow().AddYears(-1)), 31), HttpStatusCode.Forbidden, "embargo_needs_lead");
        }
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Luka, Terms(late), 32)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Luka, $"&embargoUntil={soon:yyyy-MM-ddTHH:mm:ssZ}", 33)).StatusCode);
        var usual = await ReadAsync<RegisterDataSet.Response>(await PostAsync(Staff, "&licence=CC0-1.0", 34), HttpStatusCode.Created);
        Assert.InRange((await ReadSetAsync(host, usual.Id)).EmbargoUntil, late.AddDays(-2), late);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Maria, Terms(soon), 35)).StatusCode);
        var luka = new TusClient(host, Luka);
        var upload = await luka.UploadAsync(experiment, "charge", Csv(new(Spectra: 12, Channels: 20, Seed: 36)));
        await Assert.RefusedAsync(
            await host.As(Luka).PostAsJsonAsync("/api/reduction/datasets/from-uploads", new
            {
                uploads = new[] { upload }, dataSet = new { experimentId = experiment, name = "charge", licence = "CC0-1.0", embargoUntil = soon },
            }),
            HttpStatusCode.Forbidden, "embargo_needs_lead");
        // A way around: first without a licence, then the licence.
        await Assert.RefusedAsync(await PutAsync(Luka, usual.Id, "CC0-1.0", soon), HttpStatusCode.Forbidden, "data-set.not-lead");
    }

    [Fact]
    public async Task Stand_beside_what_is_known_of_the_measurement()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 12));
        Assert.Equal(["technique.unknown"], await Assert.RefusedAsync(
            await host.As(Maria).PostAsync($"{UploadPath(experiment)}&technique=alchemy", Body(content)), HttpStatusCode.UnprocessableEntity, "data-set.invalid"));
        await host.HearAsync(new TechniquePublished { TechniqueCode = "xanes", Revision = 1, Name = "XANES", Family = "xas", Probe = "x-ray", InstrumentCodes = [] });
        var set = await SetAsync(host, experiment, content, "&technique=xanes&sample=LNO-3&description=First%20charge");
        var read = await ReadSetAsync(host, set);
        Assert.Equal(("elettra-xafs", "xanes", "LNO-3", "First charge", Convert.ToHexStringLower(SHA256.HashData(content))), (read.InstrumentCode, read.Technique, read.Sample, read.Description, read.Files[0].Sha256));
        Assert.Equal("xas", (await ReadSetAsync(host, await SetAsync(host, experiment, Csv(new(Spectra: 12, Channels: 20, Seed: 13)), ""))).Technique);
        var found = await host.As(Maria).GetFromJsonAsync<List<ListDataSets.Response>>("/api/reduction/datasets?technique=xanes&instrument=elettra-xafs", Json.Strict) ?? [];
        Assert.Contains(found, line => line.Id == set);
        Assert.Equal(
            ["description.length", "licence.unknown", "sample.length"],
            (await Assert.RefusedAsync(await host.As(Maria).PostAsync($"{UploadPath(experiment)}&licence=x&sample=%20&description={new string('x', 4001)}", Body(content)), HttpStatusCode.UnprocessableEntity, "data-set.invalid"))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_part_of_a_form_is_checked_against_its_own_checksum()
    {
        var (_, experiment) = await host.ProposalAsync();
        var scans = Enumerable.Range(1, 2).Select(number => Files.Xdi($"s{number}", $"2026-02-0{number}T10:00:00", number).Bytes.ToArray()).ToList();
        MultipartFormDataContent Form(string sum)
        {
            var part = Body(scans[1], "application/octet-stream");
            part.Headers.Add("X-Content-SHA256", sum);
            return new() { { Body(scans[0], "application/octet-stream"), "files", "s1.xdi" }, { part, "files", "s2.xdi" } };
        }
        using var wrong = Form(new string('0', 64));
        await Assert.RefusedAsync(await host.As(Maria).PostAsync(UploadPath(experiment), wrong), HttpStatusCode.UnprocessableEntity, "upload.checksum");
        using var right = Form(Convert.ToHexString(SHA256.HashData(scans[1])));
        Assert.Equal(HttpStatusCode.Created, (await host.As(Maria).PostAsync(UploadPath(experiment), right)).StatusCode);
    }

    private static async Task<Guid> SetAsync(ReductionHost host, Guid experiment, byte[] content, string terms) =>
        (await ReadAsync<RegisterDataSet.Response>(await host.As(Maria).PostAsync(UploadPath(experiment) + terms, Body(content)), HttpStatusCode.Created)).Id;

    private static async Task<ReadDataSet.Response> ReadSetAsync(ReductionHost host, Guid set, Person? reader = null) =>
        await ReadAsync<ReadDataSet.Response>(await host.As(reader ?? Maria).GetAsync($"/api/reduction/datasets/{set}"));

    private Task<HttpResponseMessage> PutAsync(Person person, Guid set, string? licence, DateTimeOffset embargoUntil, string reason = "paper") =>
        host.As(person).PutAsJsonAsync($"/api/reduction/datasets/{set}/terms", new { licence, embargoUntil, reason });
}
