using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Registering;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class An_uploaded_series(ReductionHost host) : IClassFixture<ReductionHost>
{
    private static readonly byte[][] scans = [.. Enumerable.Range(1, 5).Select(number => Files.Xdi($"s{number}", $"2026-01-0{number}T10:00:00", number).Bytes.ToArray())];

    [Fact]
    public async Task Is_registered_told_and_given_back_as_it_came()
    {
        var (proposal, experiment) = await host.ProposalAsync();
        var content = Csv();
        var set = await ReadAsync<RegisterDataSet.Response>(await host.UploadAsync(experiment, content), HttpStatusCode.Created);
        Assert.Equal((40, 80, Convert.ToHexStringLower(SHA256.HashData(content))), (set.Spectra, set.Channels, set.Sha256));
        var said = Assert.Single(await host.SaidAsync<DataSetRegistered>(), said => said.DataSetId == set.Id);
        Assert.Equal((proposal, experiment, Maria.Id, set.Sha256), (said.ProposalId, said.ExperimentId, said.RegisteredBy, said.Sha256));
        Assert.Equal(content, await host.As(Luka).GetByteArrayAsync($"/api/reduction/datasets/{set.Id}/content"));
        var read = await host.As(Luka).GetFromJsonAsync<ReadDataSet.Response>($"/api/reduction/datasets/{set.Id}", Json.Strict);
        Assert.Equal(("energy", "eV"), (read?.AxisName, read?.AxisUnit));
        var list = await host.As(Luka).GetFromJsonAsync<List<ListDataSets.Response>>($"/api/reduction/datasets?proposalId={proposal}", Json.Strict);
        Assert.Equal(set.Id, Assert.Single(list ?? []).Id);
    }

    [Fact]
    public async Task Uploaded_again_is_the_one_that_is_there_even_by_ten_at_once()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 7));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.UploadAsync(experiment, content)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        var ids = await Task.WhenAll(answers.Select(async answer => (await ReadAsync<RegisterDataSet.Response>(answer, answer.StatusCode)).Id));
        Assert.Single(await host.SaidAsync<DataSetRegistered>(), said => said.DataSetId == Assert.Single(ids.Distinct()));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "files", "incoming")));
        var elsewhere = await ReadAsync<RegisterDataSet.Response>(await host.UploadAsync((await host.ProposalAsync()).Experiment, content), HttpStatusCode.Created);
        Assert.NotEqual(ids[0], elsewhere.Id);
    }

    [Fact]
    public async Task May_be_an_archive_of_xdi_scans()
    {
        var zip = Files.Zip([.. scans.Select((scan, index) => ($"scans/s{index + 1}.xdi", scan))]).Bytes.ToArray();
        var (_, experiment) = await host.ProposalAsync();
        var set = await ReadAsync<RegisterDataSet.Response>(await host.UploadAsync(experiment, zip, "application/zip"), HttpStatusCode.Created);
        Assert.Equal((5, 10, "XDI"), (set.Spectra, set.Channels, set.Format));
    }

    [Fact]
    public async Task May_come_as_several_files_in_any_order_and_is_given_back_as_an_archive()
    {
        var (_, experiment) = await host.ProposalAsync();
        using var form = Form(Enumerable.Range(0, 5).Reverse());
        var set = await ReadAsync<RegisterDataSet.Response>(await host.As(Staff).PostAsync(UploadPath(experiment), form), HttpStatusCode.Created);
        Assert.Equal((5, 10), (set.Spectra, set.Channels));
        using var again = Form(Enumerable.Range(0, 5));
        Assert.Equal(set.Id, (await ReadAsync<RegisterDataSet.Response>(await host.As(Maria).PostAsync(UploadPath(experiment), again))).Id);
        using var archive = new ZipArchive(await host.As(Maria).GetStreamAsync($"/api/reduction/datasets/{set.Id}/content"));
        Assert.Equal(["s1.xdi", "s2.xdi", "s3.xdi", "s4.xdi", "s5.xdi"], archive.Entries.Select(entry => entry.Name));
        static MultipartFormDataContent Form(IEnumerable<int> order)
        {
            var form = new MultipartFormDataContent();
            foreach (var index in order) form.Add(Body(scans[index], "application/octet-stream"), "files", $"s{index + 1}.xdi");
            return form;
        }
    }

    [Theory]
    [InlineData("1,2,3\n4,5\n", "csv_ragged")]
    [InlineData("no table at all", "unknown_format")]
    [InlineData("", "empty_file")]
    [InlineData("400,500,600\n1,2,NaN\n", "not_finite")]
    [InlineData("PK\u0003\u0004 and then nothing", "archive_damaged")]
    public async Task That_cannot_be_read_is_refused_with_the_readers_code_and_leaves_nothing(string content, string code)
    {
        var (proposal, experiment) = await host.ProposalAsync();
        await Assert.RefusedAsync(await host.UploadAsync(experiment, System.Text.Encoding.ASCII.GetBytes(content)), HttpStatusCode.UnprocessableEntity, code);
        Assert.Empty(await host.As(Maria).GetFromJsonAsync<List<ListDataSets.Response>>($"/api/reduction/datasets?proposalId={proposal}", Json.Strict) ?? []);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "files", "incoming")));
    }

    [Fact]
    public async Task Is_checked_against_the_checksum_it_is_sent_with()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 8));
        async Task<HttpResponseMessage> SendAsync(string sum)
        {
            var client = host.As(Maria);
            client.DefaultRequestHeaders.Add("X-Content-SHA256", sum);
            return await client.PostAsync(UploadPath(experiment), Body(content));
        }
        await Assert.RefusedAsync(await SendAsync(new string('0', 64)), HttpStatusCode.UnprocessableEntity, "upload.checksum");
        Assert.Equal(["checksum.form"], await Assert.RefusedAsync(await SendAsync("abc"), HttpStatusCode.UnprocessableEntity, "data-set.invalid"));
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(Convert.ToHexString(SHA256.HashData(content)))).StatusCode);
    }

    [Fact]
    public async Task Is_refused_when_it_is_sent_wrongly()
    {
        var (_, experiment) = await host.ProposalAsync();
        var maria = host.As(Maria);
        await Assert.RefusedAsync(await host.UploadAsync(experiment, Csv(), "application/json"), HttpStatusCode.UnsupportedMediaType, "request.media-type");
        await Assert.RefusedAsync(await host.UploadAsync(experiment, Csv(), "multipart/form-data"), HttpStatusCode.BadRequest, "request.malformed");
        await Assert.RefusedAsync(await host.UploadAsync(experiment, Csv(), "multipart/form-data; boundary=x"), HttpStatusCode.BadRequest, "request.malformed");
        await Assert.RefusedAsync(await maria.PostAsync("/api/reduction/datasets?name=x", Body(Csv())), HttpStatusCode.BadRequest, "request.malformed");
        await Assert.RefusedAsync(await maria.PostAsync($"/api/reduction/datasets?experimentId={experiment}&name=%20&axisUnit={new string('e', 21)}", Body(Csv())), HttpStatusCode.UnprocessableEntity, "data-set.invalid");
        using var nameless = new MultipartFormDataContent { { new StringContent("x"), "text" } };
        await Assert.RefusedAsync(await maria.PostAsync(UploadPath(experiment), nameless), HttpStatusCode.UnprocessableEntity, "upload.part-without-name");
        using var twice = new MultipartFormDataContent { { Body(scans[0]), "files", "a/s.xdi" }, { Body(scans[1]), "files", "b/s.xdi" } };
        await Assert.RefusedAsync(await maria.PostAsync(UploadPath(experiment), twice), HttpStatusCode.UnprocessableEntity, "upload.name-twice");
        await Assert.RefusedAsync(await maria.GetAsync("/api/reduction/datasets?page=0"), HttpStatusCode.UnprocessableEntity, "request.page");
        await Assert.RefusedAsync(await maria.GetAsync("/api/reduction/datasets?proposalId=x"), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Belongs_to_an_experiment_that_the_proposal_still_has()
    {
        var (proposal, experiment) = await host.ProposalAsync();
        var other = Guid.CreateVersion7();
        await host.HearAsync(Accepted(proposal, 2, [Maria], (other, "elettra-xafs")));
        await Assert.RefusedAsync(await host.UploadAsync(experiment, Csv()), HttpStatusCode.Conflict, "experiment.not-in-proposal");
        Assert.Equal(HttpStatusCode.NotFound, (await host.UploadAsync(other, Csv(), by: Luka)).StatusCode);
        await host.HearAsync(new ProposalWithdrawn { ProposalId = proposal, CallId = proposal, Revision = 3, WithdrawnAt = host.Time.GetUtcNow(), Reason = "" });
        await Assert.RefusedAsync(await host.UploadAsync(other, Csv()), HttpStatusCode.Conflict, "proposal.withdrawn");
    }
}

public sealed class A_data_set(ReductionHost host) : IClassFixture<ReductionHost>
{
    [Fact]
    public async Task Is_open_to_team_and_staff_of_the_site_known_to_the_office_and_to_nobody_else()
    {
        var set = await host.DataSetAsync();
        var job = await host.JobAsync(set);
        await host.EndedAsync(job);
        string[] metadata = [$"/api/reduction/datasets/{set}", $"/api/reduction/jobs/{job}", $"/api/reduction/jobs/{job}/progress"];
        string[] contents =
        [
            $"/api/reduction/datasets/{set}/content", $"/api/reduction/jobs/{job}/result.json", $"/api/reduction/jobs/{job}/concentrations.csv",
            $"/api/reduction/jobs/{job}/plots", $"/api/reduction/jobs/{job}/plots/scree.png",
        ];
        foreach (var reader in new[] { Maria, Luka, Staff })
            foreach (var path in metadata.Concat(contents)) Assert.Equal(HttpStatusCode.OK, (await host.As(reader).GetAsync(path)).StatusCode);
        foreach (var path in metadata) Assert.Equal(HttpStatusCode.OK, (await host.As(Office).GetAsync(path)).StatusCode);
        foreach (var path in contents) await Assert.RefusedAsync(await host.As(Office).GetAsync(path), HttpStatusCode.Forbidden, "data-set.contents-closed");
        foreach (var reader in new[] { Stranger, OtherStaff })
        {
            foreach (var path in metadata.Concat(contents)) Assert.Equal(HttpStatusCode.NotFound, (await host.As(reader).GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await host.QueueAsync(set, by: reader)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await host.As(reader).DeleteAsync($"/api/reduction/jobs/{job}")).StatusCode);
            Assert.DoesNotContain(set.ToString(), await host.As(reader).GetStringAsync("/api/reduction/datasets"), StringComparison.Ordinal);
            Assert.DoesNotContain(job.ToString(), await host.As(reader).GetStringAsync("/api/reduction/jobs"), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await host.QueueAsync(set, by: Office)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Office).DeleteAsync($"/api/reduction/jobs/{job}")).StatusCode);
        foreach (var path in metadata.Concat(contents)) Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync(path)).StatusCode);
    }
}

public sealed class An_installation_with_little_room
{
    [Fact]
    public async Task Refuses_what_is_too_large_for_it()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:MaxUploadBytes", "60000");
        host.Set("Tutti:Reduction:MaxMemoryBytes", "1000000");
        host.Set("Tutti:Reduction:MaxSpectra", "30");
        host.Set("Tutti:Reduction:MaxThreads", "1");
        await host.InitializeAsync();
        var (_, experiment) = await host.ProposalAsync();
        await Assert.RefusedAsync(await host.UploadAsync(experiment, new byte[60_001]), HttpStatusCode.RequestEntityTooLarge, "upload.too-large");
        using var form = new MultipartFormDataContent { { Body(new byte[30_001]), "files", "a" }, { Body(new byte[30_001]), "files", "b" } };
        await Assert.RefusedAsync(await host.As(Maria).PostAsync(UploadPath(experiment), form), HttpStatusCode.RequestEntityTooLarge, "upload.too-large");
        await Assert.RefusedAsync(await host.UploadAsync(experiment, Csv(new(Spectra: 31, Channels: 10))), HttpStatusCode.UnprocessableEntity, "too_many_spectra");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "files", "incoming")));
        var set = await host.DataSetAsync(Csv(new(Spectra: 20, Channels: 20)));
        Assert.Equal(
            ["job.too-large", "threads.range"],
            (await Assert.RefusedAsync(await host.QueueAsync(set, new { threads = 2 }), HttpStatusCode.UnprocessableEntity, "job.invalid")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Removes_half_written_files_at_start_and_keeps_the_rest()
    {
        await using var host = new ReductionHost();
        var incoming = Directory.CreateDirectory(Path.Combine(host.Data, "files", "incoming")).FullName;
        await File.WriteAllTextAsync(Path.Combine(incoming, "half"), "1,2,");
        File.SetLastWriteTimeUtc(Path.Combine(incoming, "half"), DateTime.UnixEpoch);
        await host.InitializeAsync();
        await host.DataSetAsync();
        Assert.Empty(Directory.EnumerateFiles(incoming));
    }
}
