using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Registering;
using Tutti.Reduction.Uploading;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

/// <summary>A client that speaks tus.</summary>
internal sealed class TusClient(Func<HttpClient> client)
{
    // Not the client that the factory itself makes, which waits for the whole body before it sends any of it.
    public TusClient(ReductionHost host, Person person)
        : this(() =>
        {
            var client = host.Server.CreateClient();
            client.DefaultRequestHeaders.Authorization = host.As(person).DefaultRequestHeaders.Authorization;
            return client;
        })
    {
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? version = "1.0.0", params (string Name, string Value)[] headers) =>
        SendAsync(method, path, content, version, CancellationToken.None, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, string? version, CancellationToken cancel, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (version is not null) request.Headers.Add("Tus-Resumable", version);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client().SendAsync(request, cancel);
    }

    public Task<HttpResponseMessage> BeginAsync(Guid experiment, string name, long length, string? sha256 = null, HttpContent? content = null) => SendAsync(
        HttpMethod.Post, "/api/reduction/uploads", content, "1.0.0", ("Upload-Length", length.ToString(CultureInfo.InvariantCulture)),
        ("Upload-Metadata", $"experimentId {Coded(experiment.ToString())},filename {Coded(name)}" + (sha256 is null ? "" : $",sha256 {Coded(sha256)}")));

    public Task<HttpResponseMessage> PatchAsync(string place, long offset, byte[] bytes, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, place, Part(bytes), "1.0.0", [("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)), .. headers]);

    public async Task<long> OffsetAsync(string place)
    {
        var answer = await SendAsync(HttpMethod.Head, place);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Number(answer, "Upload-Offset");
    }

    /// <summary>Uploads a file in parts of some length.</summary>
    public async Task<Guid> UploadAsync(Guid experiment, string name, byte[] content, int partLength = 1000)
    {
        var begun = await BeginAsync(experiment, name, content.Length);
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        var place = begun.Headers.Location?.ToString() ?? "";
        for (var offset = 0; offset < content.Length; offset += partLength)
        {
            var answer = await PatchAsync(place, offset, content[offset..Math.Min(content.Length, offset + partLength)]);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }
        return Guid.Parse(place[^36..]);
    }

    public Task<HttpResponseMessage> RegisterAsync(Guid experiment, params Guid[] uploads) => client().PostAsJsonAsync(
        "/api/reduction/datasets/from-uploads", new { uploads, dataSet = new { experimentId = experiment, name = "charge", axisName = "energy", axisUnit = "eV" } });

    public static ByteArrayContent Part(byte[] bytes) => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/offset+octet-stream") } };

    public static long Number(HttpResponseMessage answer, string header) => long.Parse(answer.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);

    public static string Coded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

public sealed class An_upload_in_parts(ReductionHost host) : IClassFixture<ReductionHost>
{
    private readonly TusClient maria = new(host, Maria), luka = new(host, Luka);

    [Fact]
    public async Task Becomes_the_data_set_that_the_same_file_at_once_would_be()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv();
        var upload = await maria.UploadAsync(experiment, "charge", content);
        var set = await ReadAsync<RegisterDataSet.Response>(await maria.RegisterAsync(experiment, upload), HttpStatusCode.Created);
        Assert.Equal((40, 80, Convert.ToHexStringLower(SHA256.HashData(content))), (set.Spectra, set.Channels, set.Sha256));
        Assert.Equal(set.Id, (await ReadAsync<RegisterDataSet.Response>(await maria.RegisterAsync(experiment, upload))).Id);
        Assert.Equal(set.Id, (await ReadAsync<RegisterDataSet.Response>(await host.UploadAsync(experiment, content))).Id);
        Assert.Single(await host.SaidAsync<DataSetRegistered>(), said => said.DataSetId == set.Id);
        Assert.Equal(content, await host.As(Luka).GetByteArrayAsync($"/api/reduction/datasets/{set.Id}/content"));
        Assert.False(File.Exists(Files.UploadPath(upload)));
    }

    [Fact]
    public async Task May_be_one_of_several_files_and_is_registered_once_even_by_five_at_once()
    {
        var (_, experiment) = await host.ProposalAsync();
        List<Guid> uploads = [];
        for (var number = 1; number <= 3; number++)
            uploads.Add(await maria.UploadAsync(experiment, $"s{number}.xdi", Tests.Files.Xdi($"s{number}", $"2026-01-0{number}T10:00:00", number).Bytes.ToArray(), 100));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            HttpResponseMessage answer;
            do answer = await maria.RegisterAsync(experiment, [.. uploads]);
            while (answer.StatusCode == HttpStatusCode.Locked);
            return answer;
        }));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        var ids = await Task.WhenAll(answers.Select(async answer => (await ReadAsync<RegisterDataSet.Response>(answer, answer.StatusCode)).Id));
        Assert.Single(ids.Distinct());
        Assert.Single(await host.SaidAsync<DataSetRegistered>(), said => said.DataSetId == ids[0]);
    }

    [Fact]
    public async Task Goes_on_from_what_is_on_disk_whatever_else_a_kill_left_in_the_file()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 3));
        var place = (await maria.BeginAsync(experiment, "charge", content.Length)).Headers.Location?.ToString() ?? "";
        await maria.PatchAsync(place, 0, content[..1000]);
        // Written by a request that was killed before it told of it.
        await using (var file = new FileStream(Files.UploadPath(Guid.Parse(place[^36..])), FileMode.Append)) await file.WriteAsync(new byte[500]);
        Assert.Equal(1000, await maria.OffsetAsync(place));
        Assert.Equal(HttpStatusCode.NoContent, (await maria.PatchAsync(place, 1000, content[1000..])).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await maria.RegisterAsync(experiment, Guid.Parse(place[^36..]))).StatusCode);
    }

    [Fact]
    public async Task Keeps_what_arrived_of_a_part_that_broke_off()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 4));
        var place = (await maria.BeginAsync(experiment, "charge", content.Length)).Headers.Location?.ToString() ?? "";
        var id = Guid.Parse(place[^36..]);
        using var gone = new CancellationTokenSource();
        using var silent = new Slow(content, 700);
        using var broken = new StreamContent(silent) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/offset+octet-stream") } };
        var sending = maria.SendAsync(HttpMethod.Patch, place, broken, "1.0.0", gone.Token, ("Upload-Offset", "0"));
        await Poll.UntilAsync(() => new FileInfo(Files.UploadPath(id)).Length == 700, TimeSpan.FromSeconds(20), () => "the first bytes are written");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Poll.UntilAsync(async _ => await maria.OffsetAsync(place) == 700, TimeSpan.FromSeconds(20), () => "what arrived counts");
        await Poll.UntilAsync(async _ => (await maria.PatchAsync(place, 700, content[700..])).StatusCode == HttpStatusCode.NoContent, TimeSpan.FromSeconds(20), () => "the upload goes on");
        Assert.Equal(HttpStatusCode.Created, (await maria.RegisterAsync(experiment, Guid.Parse(place[^36..]))).StatusCode);
    }

    [Fact]
    public async Task That_has_lost_what_it_was_told_to_have_says_so()
    {
        var (_, experiment) = await host.ProposalAsync();
        var place = (await maria.BeginAsync(experiment, "charge", 100)).Headers.Location?.ToString() ?? "";
        await maria.PatchAsync(place, 0, new byte[50]);
        await File.WriteAllBytesAsync(Files.UploadPath(Guid.Parse(place[^36..])), new byte[49]);
        await Assert.RefusedAsync(await maria.PatchAsync(place, 50, new byte[50]), HttpStatusCode.Gone, "upload.lost");
        File.Delete(Files.UploadPath(Guid.Parse(place[^36..])));
        await Assert.RefusedAsync(await maria.PatchAsync(place, 50, new byte[50]), HttpStatusCode.Gone, "upload.lost");
    }

    [Fact]
    public async Task Is_added_to_by_one_request_at_a_time()
    {
        var (_, experiment) = await host.ProposalAsync();
        var place = (await maria.BeginAsync(experiment, "charge", 1000)).Headers.Location?.ToString() ?? "";
        var id = Guid.Parse(place[^36..]);
        using var slow = new Slow(new byte[500], 0);
        using var content = new StreamContent(slow) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/offset+octet-stream") } };
        var first = maria.SendAsync(HttpMethod.Patch, place, content, "1.0.0", ("Upload-Offset", "0"));
        await host.UntilAsync(db => db.Uploads.AnyAsync(upload => upload.Writer != null && upload.Id == id), "the first request holds the upload");
        await Assert.RefusedAsync(await maria.PatchAsync(place, 0, new byte[1000]), HttpStatusCode.Locked, "upload.locked");
        await Assert.RefusedAsync(await maria.SendAsync(HttpMethod.Delete, place), HttpStatusCode.Locked, "upload.locked");
        slow.GoOn();
        Assert.Equal(HttpStatusCode.NoContent, (await first).StatusCode);
        Assert.Equal(500, await maria.OffsetAsync(place));
    }

    [Fact]
    public async Task Takes_a_part_with_a_checksum_whole_or_not_at_all()
    {
        var (_, experiment) = await host.ProposalAsync();
        var place = (await maria.BeginAsync(experiment, "charge", 8)).Headers.Location?.ToString() ?? "";
        var part = "abcd"u8.ToArray();
        await Assert.RefusedAsync(await maria.PatchAsync(place, 0, part, ("Upload-Checksum", $"sha1 {Convert.ToBase64String(Sha1("abce"u8.ToArray()))}")), (HttpStatusCode)460, "upload.checksum");
        Assert.Equal(0, await maria.OffsetAsync(place));
        Assert.Equal(HttpStatusCode.NoContent, (await maria.PatchAsync(place, 0, part, ("Upload-Checksum", $"sha1 {Convert.ToBase64String(Sha1(part))}"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await maria.PatchAsync(place, 4, part, ("Upload-Checksum", $"sha256 {Convert.ToBase64String(SHA256.HashData(part))}"))).StatusCode);
        Assert.Equal(8, await maria.OffsetAsync(place));
        foreach (var sum in new[] { "md5 AAAA", "sha1", "sha1 ***", "sha256 AAAA" })
            Assert.Equal(HttpStatusCode.BadRequest, (await maria.PatchAsync(place, 8, [], ("Upload-Checksum", sum))).StatusCode);
    }

    [Fact]
    public async Task Follows_the_protocol_in_its_headers_and_refusals()
    {
        var (_, experiment) = await host.ProposalAsync();
        var options = await maria.SendAsync(HttpMethod.Options, "/api/reduction/uploads", null, null);
        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal(["1.0.0"], options.Headers.GetValues("Tus-Version"));
        Assert.Equal(["creation,creation-with-upload,checksum,termination,expiration"], options.Headers.GetValues("Tus-Extension"));
        var begun = await maria.BeginAsync(experiment, "charge", 10, content: TusClient.Part("abc"u8.ToArray()));
        Assert.Equal((HttpStatusCode.Created, 3), (begun.StatusCode, TusClient.Number(begun, "Upload-Offset")));
        var place = begun.Headers.Location?.ToString() ?? "";
        var head = await maria.SendAsync(HttpMethod.Head, place);
        Assert.Equal((3, 10), (TusClient.Number(head, "Upload-Offset"), TusClient.Number(head, "Upload-Length")));
        Assert.Equal(["1.0.0"], head.Headers.GetValues("Tus-Resumable"));
        Assert.True(head.Headers.CacheControl?.NoStore);
        Assert.NotEmpty(head.Headers.GetValues("Upload-Expires"));
        var wrong = await maria.PatchAsync(place, 4, "x"u8.ToArray());
        Assert.Equal(["1.0.0"], wrong.Headers.GetValues("Tus-Resumable"));
        await Assert.RefusedAsync(wrong, HttpStatusCode.Conflict, "upload.offset");
        await Assert.RefusedAsync(await maria.PatchAsync(place, 3, new byte[8]), HttpStatusCode.RequestEntityTooLarge, "upload.too-large");
        using var endless = new StreamContent(new Slow(new byte[20], 20)) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/offset+octet-stream") } };
        await Assert.RefusedAsync(await maria.SendAsync(HttpMethod.Patch, place, endless, "1.0.0", ("Upload-Offset", "3")), HttpStatusCode.RequestEntityTooLarge, "upload.too-large");
        Assert.Equal(3, await maria.OffsetAsync(place));
        var old = await maria.SendAsync(HttpMethod.Head, place, null, "0.2.2");
        Assert.Equal(HttpStatusCode.PreconditionFailed, old.StatusCode);
        Assert.Equal(["1.0.0"], old.Headers.GetValues("Tus-Version"));
        await Assert.RefusedAsync(await maria.SendAsync(HttpMethod.Patch, place, Body(new byte[3]), "1.0.0", ("Upload-Offset", "3")), HttpStatusCode.UnsupportedMediaType, "upload.media-type");
        foreach (var offset in new[] { "", "-1", "x", "99999999999999999999" })
            Assert.Equal(HttpStatusCode.BadRequest, (await maria.SendAsync(HttpMethod.Patch, place, TusClient.Part([1]), "1.0.0", ("Upload-Offset", offset))).StatusCode);
        var posted = await maria.SendAsync(HttpMethod.Post, place, TusClient.Part(new byte[7]), "1.0.0", ("Upload-Offset", "3"), ("X-HTTP-Method-Override", "PATCH"));
        Assert.Equal((HttpStatusCode.NoContent, 10), (posted.StatusCode, TusClient.Number(posted, "Upload-Offset")));
        Assert.Equal(HttpStatusCode.NoContent, (await maria.SendAsync(HttpMethod.Delete, place)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await maria.SendAsync(HttpMethod.Head, place)).StatusCode);
        Assert.False(File.Exists(Files.UploadPath(Guid.Parse(place[^36..]))));
    }

    [Fact]
    public async Task Is_begun_only_with_what_it_needs_to_become_data()
    {
        var (_, experiment) = await host.ProposalAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await new TusClient(host, Stranger).BeginAsync(experiment, "charge", 10)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await maria.BeginAsync(Guid.CreateVersion7(), "charge", 10)).StatusCode);
        await Assert.RefusedAsync(await maria.BeginAsync(experiment, "charge", long.MaxValue), HttpStatusCode.RequestEntityTooLarge, "upload.too-large");
        Assert.Equal(["checksum.form"], await Assert.RefusedAsync(await maria.BeginAsync(experiment, "charge", 10, "abc"), HttpStatusCode.UnprocessableEntity, "upload.invalid"));
        Assert.Equal(["filename.length"], await Assert.RefusedAsync(await maria.BeginAsync(experiment, "x/", 10), HttpStatusCode.UnprocessableEntity, "upload.invalid"));
        foreach (var (name, value) in new[] { ("Upload-Length", "x"), ("Upload-Defer-Length", "1"), ("Upload-Metadata", "a ***"), ("Upload-Metadata", "a,a"), ("Upload-Metadata", new string('a', 3000)) })
            Assert.Equal(HttpStatusCode.BadRequest, (await maria.SendAsync(HttpMethod.Post, "/api/reduction/uploads", null, "1.0.0", (name, value))).StatusCode);
    }

    [Fact]
    public async Task That_could_never_become_data_is_not_begun_and_leaves_no_file()
    {
        await using var own = new ReductionHost();
        own.Set("Tutti:Reduction:MaxUploadBytes", "5000");
        own.Set("Tutti:Reduction:MaxUnpackedBytes", "5000");
        own.Set("Tutti:Reduction:MaxOpenUploads", "3");
        await own.InitializeAsync();
        var (client, files) = (new TusClient(own, Maria), own.Services.GetRequiredService<FileStore>());
        var (proposal, experiment) = await own.ProposalAsync();
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "charge", 0), HttpStatusCode.UnprocessableEntity, "upload.empty");
        foreach (var name in new[] { "charge.mat", "charge.CSV", "charge.zip" })
            await Assert.RefusedAsync(await client.BeginAsync(experiment, name, 5001), HttpStatusCode.RequestEntityTooLarge, "upload.never-readable");
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "charge.nxs", 1L << 31), HttpStatusCode.RequestEntityTooLarge, "upload.never-readable");
        Assert.Empty(files.Uploads());
        // By its name it could be an array; its first bytes say that it is not.
        var place = (await client.BeginAsync(experiment, "charge", 5001)).Headers.Location?.ToString() ?? "";
        await Assert.RefusedAsync(await client.PatchAsync(place, 0, "energy; mu and so on"u8.ToArray()), HttpStatusCode.RequestEntityTooLarge, "upload.never-readable");
        await Assert.RefusedAsync(await client.PatchAsync(place, await client.OffsetAsync(place), [1]), HttpStatusCode.RequestEntityTooLarge, "upload.never-readable");
        var array = (await client.BeginAsync(experiment, "map", 5001)).Headers.Location?.ToString() ?? "";
        Assert.Equal(HttpStatusCode.NoContent, (await client.PatchAsync(array, 0, [0x93, (byte)'N', (byte)'U', (byte)'M'])).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PatchAsync(array, 4, "PY\u0001\0"u8.ToArray())).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await client.BeginAsync(experiment, "charge.csv", 5000)).StatusCode);
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "charge.csv", 10), HttpStatusCode.Conflict, "uploads.too-many");
        Assert.Equal(3, files.Uploads().Count());
        Assert.Equal(HttpStatusCode.NotFound, (await new TusClient(own, Stranger).BeginAsync(experiment, "charge", 10)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await new TusClient(own, OtherStaff).BeginAsync(experiment, "charge", 10)).StatusCode);
        await own.HearAsync(Accepted(proposal, 2, [Maria], (Guid.CreateVersion7(), "elettra-xafs")));
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "charge", 10), HttpStatusCode.Conflict, "experiment.not-in-proposal");
        await own.HearAsync(new ProposalWithdrawn { ProposalId = proposal, CallId = proposal, Revision = 3, WithdrawnAt = own.Time.GetUtcNow(), Reason = "" });
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "charge", 10), HttpStatusCode.Conflict, "proposal.withdrawn");
        Assert.Equal(3, files.Uploads().Count());
    }

    [Theory]
    [InlineData("<f4", false, "(40, 80)", 0, null)]
    [InlineData("<f4", false, "(4, 10, 80)", 0, null)]
    [InlineData("<f4", true, "(40, 80)", 0, "Fortran order, more than the memory takes")]
    [InlineData("<i4", false, "(40, 80)", 0, "integers, more than the memory takes")]
    [InlineData("<f4", false, "(3200,)", 0, "one dimension, more than the memory takes")]
    [InlineData("<f4", false, "(101, 80)", 0, "too many values to be worked on in place")]
    [InlineData("<f4", false, "(40, 80)", 1, "announced with another length")]
    [InlineData("<i2", false, "(60, 40)", 0, "too many values to be read into memory")]
    [InlineData("|O8", false, "(10, 8)", 0, "objects")]
    public async Task That_is_an_array_is_judged_by_its_header_before_the_rest_of_it_arrives(string type, bool fortran, string shape, int more, string? why)
    {
        await using var own = new ReductionHost();
        foreach (var (name, value) in new[] { ("MaxUploadBytes", "5000"), ("MaxUnpackedBytes", "5000"), ("MaxValues", "2000"), ("MaxValuesInPlace", "8000") }) own.Set($"Tutti:Reduction:{name}", value);
        await own.InitializeAsync();
        var client = new TusClient(own, Maria);
        var values = shape.Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries).Aggregate(1, (product, part) => product * int.Parse(part, CultureInfo.InvariantCulture));
        var array = MadeFile.Npy(type.Replace("O8", "f8", StringComparison.Ordinal), fortran, shape, new double[values]).Bytes.ToArray();
        var at = array.AsSpan().IndexOf("f8"u8);
        if (type == "|O8") array[at] = (byte)'O';
        var place = (await client.BeginAsync((await own.ProposalAsync()).Experiment, "map.npy", array.Length + more)).Headers.Location?.ToString() ?? "";
        // Not even its header is there, then all of it.
        Assert.Equal(HttpStatusCode.NoContent, (await client.PatchAsync(place, 0, array[..40])).StatusCode);
        var answer = await client.PatchAsync(place, 40, array[40..200]);
        if (why is null) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        else await Assert.RefusedAsync(answer, HttpStatusCode.RequestEntityTooLarge, "upload.never-readable");
    }

    [Fact]
    public async Task Beyond_the_memory_may_be_an_array_and_its_axis_which_a_job_works_on_in_place()
    {
        await using var own = new ReductionHost();
        own.Set("Tutti:Reduction:MaxUploadBytes", "5000");
        own.Set("Tutti:Reduction:MaxUnpackedBytes", "5000");
        await own.InitializeAsync();
        var (client, made) = (new TusClient(own, Maria), SyntheticSeries.Make(new(Spectra: 40, Channels: 80)));
        var (_, experiment) = await own.ProposalAsync();
        var map = await client.UploadAsync(experiment, "map.npy", MadeFile.Npy("<f8", false, [5, 8, 80], made.Data.Values).Bytes.ToArray(), 9000);
        var axis = await client.UploadAsync(experiment, "axis.npy", MadeFile.Npy("<f8", false, [80], [.. made.Axis]).Bytes.ToArray());
        var answer = await own.As(Maria).PostAsJsonAsync("/api/reduction/datasets/from-uploads", new { uploads = new[] { map, axis }, dataSet = new { experimentId = experiment, name = "map" } });
        var set = (await ReadAsync<RegisterDataSet.Response>(answer, HttpStatusCode.Created)).Id;
        var job = await own.JobAsync(set);
        Assert.Equal(JobStatus.Completed, (await own.EndedAsync(job)).Status);
        var stored = await own.ReadAsync(db => db.DataSets.AsNoTracking().SingleAsync(known => known.Id == set));
        Assert.Equal((true, made.Axis[0], made.Axis[^1]), (stored.InPlace, stored.AxisFrom, stored.AxisTo));
        var plots = await own.As(Maria).GetFromJsonAsync<List<Results.ReadResult.Plot>>($"/api/reduction/jobs/{job}/plots", Json.Strict) ?? [];
        Assert.Contains("map-1", plots.Select(plot => plot.Name));
    }

    [Fact]
    public async Task Counts_on_the_disk_with_what_has_not_arrived_of_it()
    {
        const long giga = 1L << 30;
        await using var own = new ReductionHost();
        // Others use the disk too: differences of less than a few GiB mean nothing.
        own.Set("Tutti:Reduction:MinFreeBytes", (new DriveInfo(own.Data).AvailableFreeSpace - (30 * giga)).ToString(CultureInfo.InvariantCulture));
        await own.InitializeAsync();
        var client = new TusClient(own, Maria);
        var (_, experiment) = await own.ProposalAsync();
        var place = (await client.BeginAsync(experiment, "a.npy", 20 * giga)).Headers.Location?.ToString() ?? "";
        await Assert.RefusedAsync(await client.BeginAsync(experiment, "b.npy", 20 * giga), HttpStatusCode.InsufficientStorage, "upload.no-room");
        await Assert.RefusedAsync(await new TusClient(own, Luka).BeginAsync(experiment, "b.npy", 20 * giga), HttpStatusCode.InsufficientStorage, "upload.no-room");
        Assert.Single(own.Services.GetRequiredService<FileStore>().Uploads());
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(HttpMethod.Delete, place)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await client.BeginAsync(experiment, "b.npy", 20 * giga)).StatusCode);
    }

    [Fact]
    public async Task Is_not_written_to_by_two_even_when_the_hold_of_the_first_has_ended_while_it_stood_still()
    {
        await using var own = new ReductionHost();
        await own.InitializeAsync();
        var client = new TusClient(own, Maria);
        var (_, experiment) = await own.ProposalAsync();
        var place = (await client.BeginAsync(experiment, "charge", 1000)).Headers.Location?.ToString() ?? "";
        var id = Guid.Parse(place[^36..]);
        using var slow = new Slow([.. Enumerable.Repeat((byte)'a', 500)], 100);
        using var content = new StreamContent(slow) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/offset+octet-stream") } };
        var first = client.SendAsync(HttpMethod.Patch, place, content, "1.0.0", ("Upload-Offset", "0"));
        await Poll.UntilAsync(() => new FileInfo(own.Services.GetRequiredService<FileStore>().UploadPath(id)).Length == 100, TimeSpan.FromSeconds(20), () => "the first bytes are written");
        own.Time.Advance(Upload.HoldLength + TimeSpan.FromSeconds(1));
        await Assert.RefusedAsync(await client.PatchAsync(place, 0, [.. Enumerable.Repeat((byte)'b', 1000)]), HttpStatusCode.Locked, "upload.locked");
        var there = await SharedAsync(own.Services.GetRequiredService<FileStore>().UploadPath(id));
        Assert.Equal(new string('a', 100), Encoding.ASCII.GetString(there));
        slow.GoOn();
        await first;
        await Poll.UntilAsync(async _ => (await client.PatchAsync(place, await client.OffsetAsync(place), [])).StatusCode == HttpStatusCode.NoContent, TimeSpan.FromSeconds(20), () => "the upload goes on");
        static async Task<byte[]> SharedAsync(string path)
        {
            // As another program would: the lock is for writers of this service.
            using var read = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", path) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("cat");
            using var memory = new MemoryStream();
            await read.StandardOutput.BaseStream.CopyToAsync(memory);
            return memory.ToArray();
        }
    }

    [Fact]
    public async Task Belongs_to_who_began_it_and_is_registered_whole()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 5));
        var begun = await maria.BeginAsync(experiment, "charge", content.Length);
        var (place, id) = (begun.Headers.Location?.ToString() ?? "", Guid.Parse((begun.Headers.Location?.ToString() ?? "")[^36..]));
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Delete }) Assert.Equal(HttpStatusCode.NotFound, (await luka.SendAsync(method, place)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await luka.PatchAsync(place, 0, content)).StatusCode);
        await Assert.RefusedAsync(await maria.RegisterAsync(experiment, id), HttpStatusCode.Conflict, "upload.not-whole");
        await maria.PatchAsync(place, 0, content);
        Assert.Equal(HttpStatusCode.NotFound, (await luka.RegisterAsync(experiment, id)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await maria.RegisterAsync((await host.ProposalAsync()).Experiment, id)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await maria.RegisterAsync(experiment, id, Guid.CreateVersion7())).StatusCode);
        Assert.Equal(["uploads.count"], await Assert.RefusedAsync(await maria.RegisterAsync(experiment, id, id), HttpStatusCode.UnprocessableEntity, "upload.invalid"));
        Assert.Equal(["uploads.count"], await Assert.RefusedAsync(await maria.RegisterAsync(experiment), HttpStatusCode.UnprocessableEntity, "upload.invalid"));
        Assert.Equal(HttpStatusCode.Created, (await maria.RegisterAsync(experiment, id)).StatusCode);
        await Assert.RefusedAsync(await maria.PatchAsync(place, content.Length, []), HttpStatusCode.Conflict, "upload.offset");
    }

    [Fact]
    public async Task That_is_not_what_was_announced_or_cannot_be_read_is_refused_and_stays()
    {
        var (_, experiment) = await host.ProposalAsync();
        var begun = await maria.BeginAsync(experiment, "charge", 4, new string('0', 64));
        var place = begun.Headers.Location?.ToString() ?? "";
        await maria.PatchAsync(place, 0, "abcd"u8.ToArray());
        await Assert.RefusedAsync(await maria.RegisterAsync(experiment, Guid.Parse(place[^36..])), HttpStatusCode.UnprocessableEntity, "upload.checksum");
        var unreadable = await maria.UploadAsync(experiment, "charge", "1,2,3\n4,5\n"u8.ToArray());
        await Assert.RefusedAsync(await maria.RegisterAsync(experiment, unreadable), HttpStatusCode.UnprocessableEntity, "csv_ragged");
        await Assert.RefusedAsync(await maria.RegisterAsync(experiment, unreadable), HttpStatusCode.UnprocessableEntity, "csv_ragged");
        Assert.True(File.Exists(Files.UploadPath(unreadable)));
    }

    [Fact]
    public async Task Whose_content_was_moved_before_a_kill_is_registered_all_the_same()
    {
        var (_, experiment) = await host.ProposalAsync();
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 6));
        var upload = await maria.UploadAsync(experiment, "charge", content);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        await host.ReadAsync(async db =>
        {
            (await db.Uploads.SingleAsync(x => x.Id == upload)).Hashed(sha256);
            return await db.SaveChangesAsync();
        });
        Files.Keep(Files.UploadPath(upload), sha256);
        Assert.Equal(HttpStatusCode.Created, (await maria.RegisterAsync(experiment, upload)).StatusCode);
    }

    private static byte[] Sha1(byte[] bytes) => CryptographicOperations.HashData(HashAlgorithmName.SHA1, bytes);

    private FileStore Files => host.Services.GetRequiredService<FileStore>();

    /// <summary>A body whose first bytes come at once and the others when it is told to.</summary>
    private sealed class Slow(byte[] content, int atOnce) : Stream
    {
        private readonly TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = content.Length, now = atOnce;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void GoOn() => told.TrySetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (now == 0) await told.Task.WaitAsync(cancellationToken);
            var read = Math.Min(Math.Min(left, buffer.Length), now > 0 ? now : int.MaxValue);
            content.AsMemory(content.Length - left, read).CopyTo(buffer);
            left -= read;
            now = Math.Max(0, now - read);
            if (left == 0) told.TrySetResult();
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

[Trait("engine", "any")]
public sealed class A_process_that_is_killed_while_it_takes_in_a_file
{
    [Fact]
    public async Task Has_told_of_no_more_than_is_there_and_goes_on_where_it_was()
    {
        using var data = new TemporaryFolder("killed");
        Guid experiment;
        await using (var host = new ReductionHost())
        {
            host.Set("Tutti:Data", data.Path);
            await host.InitializeAsync();
            experiment = (await host.ProposalAsync()).Experiment;
        }
        await Poll.UntilAsync(() => A_process_that_ends_in_the_middle_of_a_job.IsFree(Path.Combine(data.Path, "tutti.lock")), TimeSpan.FromSeconds(30), () => "the folder is free");
        await using var process = new ServiceProcess(new ServiceStart
        {
            Name = "reduction", Assembly = BuildOutput.OfThisRepository().Assembly("Tutti.Reduction"), Address = new Uri($"http://127.0.0.1:{FreePorts.Next()}"), Logs = data.Path,
            Settings = new Dictionary<string, string?> { ["Tutti__Data"] = data.Path },
        });
        await process.RestartAsync(TimeSpan.FromMinutes(1));
        using var http = new HttpClient { BaseAddress = process.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", Maria.Token(Tutti.ServiceDefaults.Authorization.ReadSigningKey(new ConfigurationManager { ["Tutti:Data"] = data.Path }), TimeProvider.System));
        var maria = new TusClient(() => http);
        var content = Csv(new(Spectra: 400, Channels: 400));
        var place = (await maria.BeginAsync(experiment, "charge", content.Length)).Headers.Location?.ToString() ?? "";
        var (offset, acknowledged, random) = (0L, 0L, new Random(17));
        for (var kill = 0; kill < 4; kill++)
        {
            var killing = KillSoonAsync();
            try
            {
                while (offset < content.Length * (kill + 1) / 5)
                {
                    var part = content.AsMemory((int)offset, (int)Math.Min(content.Length - offset, random.Next(1, 20_000))).ToArray();
                    Assert.Equal(HttpStatusCode.NoContent, (await maria.PatchAsync(place, offset, part)).StatusCode);
                    acknowledged = offset += part.Length;
                }
            }
            catch (HttpRequestException)
            {
                // It was killed.
            }
            await killing;
            await process.RestartAsync(TimeSpan.FromMinutes(1));
            offset = await maria.OffsetAsync(place);
            Assert.True(offset >= acknowledged, $"{acknowledged} bytes were acknowledged and {offset} are told.");
            var there = await File.ReadAllBytesAsync(Path.Combine(data.Path, "files", "uploads", place[^36..].Replace("-", "", StringComparison.Ordinal)));
            Assert.Equal(content[..(int)offset], there[..(int)offset]);
        }
        Assert.Equal(HttpStatusCode.NoContent, (await maria.PatchAsync(place, offset, content[(int)offset..])).StatusCode);
        var set = await ReadAsync<RegisterDataSet.Response>(await maria.RegisterAsync(experiment, Guid.Parse(place[^36..])), HttpStatusCode.Created);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), set.Sha256);

        async Task KillSoonAsync()
        {
            await Task.Delay(random.Next(20, 400));
            await process.KillAsync();
        }
    }
}

public sealed class An_upload_that_nobody_continues
{
    [Fact]
    public async Task Is_gone_after_its_time_and_swept_with_its_file()
    {
        await using var host = new ReductionHost();
        await host.InitializeAsync();
        var (maria, files) = (new TusClient(host, Maria), host.Services.GetRequiredService<FileStore>());
        var (_, experiment) = await host.ProposalAsync();
        var place = (await maria.BeginAsync(experiment, "charge", 10)).Headers.Location?.ToString() ?? "";
        host.Time.Advance(TimeSpan.FromDays(2));
        await maria.PatchAsync(place, 0, [1, 2, 3]);
        host.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(3, await maria.OffsetAsync(place));
        host.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(HttpStatusCode.Gone, (await maria.SendAsync(HttpMethod.Head, place)).StatusCode);
        await Assert.RefusedAsync(await maria.PatchAsync(place, 3, [4]), HttpStatusCode.Gone, "upload.expired");
        await host.Services.GetServices<IHostedService>().OfType<SweepUploads>().Single().SweepAsync(CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, (await maria.SendAsync(HttpMethod.Head, place)).StatusCode);
        Assert.Empty(files.Uploads());
    }

    [Fact]
    public async Task Counts_against_the_limit_of_its_owner()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:MaxOpenUploads", "2");
        await host.InitializeAsync();
        var maria = new TusClient(host, Maria);
        var (_, experiment) = await host.ProposalAsync();
        var place = (await maria.BeginAsync(experiment, "a", 10)).Headers.Location?.ToString() ?? "";
        await maria.BeginAsync(experiment, "b", 10);
        await Assert.RefusedAsync(await maria.BeginAsync(experiment, "c", 10), HttpStatusCode.Conflict, "uploads.too-many");
        Assert.Equal(HttpStatusCode.Created, (await new TusClient(host, Luka).BeginAsync(experiment, "c", 10)).StatusCode);
        await maria.SendAsync(HttpMethod.Delete, place);
        Assert.Equal(HttpStatusCode.Created, (await maria.BeginAsync(experiment, "c", 10)).StatusCode);
    }
}
