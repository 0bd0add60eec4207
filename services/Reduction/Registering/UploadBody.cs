using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Registering;

/// <summary>The files of an upload: the body itself, or the parts of a form; each goes to disk as it arrives.</summary>
internal sealed class UploadBody(FileStore files, ReductionLimits limits, string fallbackName) : IDisposable
{
    /// <summary>The header by which a client says the SHA-256 of what it sends, hex.</summary>
    public const string SumHeader = "X-Content-SHA256";

    private const int LongestFileName = 200;
    private static readonly string[] plain = ["application/octet-stream", "application/zip", "application/x-zip-compressed", "text/csv", "text/plain"];
    private readonly List<(string Name, IncomingFile File)> arrived = [];
    private long left = limits.MaxUploadBytes;

    /// <summary>What has arrived, sorted by name.</summary>
    public IReadOnlyList<ArrivedFile> Files => [.. arrived.Select(one => new ArrivedFile(one.Name, one.File.Path, one.File.Sha256, one.File.Length))];

    public async Task ReceiveAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw WrongType();
        if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) await ReceivePartsAsync(request, type, cancel);
        else if (!plain.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase)) throw WrongType();
        else if (request.ContentLength > limits.MaxUploadBytes) throw TooLarge();
        else await ReceiveOneAsync(fallbackName, request.Body, cancel);
        arrived.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
    }

    public void Dispose()
    {
        foreach (var (_, file) in arrived) file.Dispose();
    }

    /// <summary>The last part of a name, without characters that are none: a label, never a path.</summary>
    public static string Label(string name)
    {
        var label = new string([.. name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '_' : letter)]);
        return label.Length > LongestFileName ? label[^LongestFileName..] : label;
    }

    private async Task ReceivePartsAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancel)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrWhiteSpace(boundary) || boundary.Length > 200) throw new BadHttpRequestException("The form names no boundary between its parts.");
        var parts = new MultipartReader(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8192 };
        while (await NextAsync(parts, cancel) is { } part)
        {
            var name = ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
                ? disposition.FileNameStar.HasValue ? disposition.FileNameStar.Value : HeaderUtilities.RemoveQuotes(disposition.FileName).Value
                : null;
            if (string.IsNullOrWhiteSpace(name)) throw Invalid("upload.part-without-name", "Each part of the form is a file and has a file name.");
            if (arrived.Count == limits.MaxFiles) throw Invalid("upload.too-many-files", $"At most {limits.MaxFiles} files are one data set.");
            var label = Label(name);
            if (arrived.Exists(earlier => earlier.Name == label)) throw Invalid("upload.name-twice", $"Two files are called {label}.");
            await ReceiveOneAsync(label, part.Body, cancel);
            RequireSum(part.Headers?.TryGetValue(SumHeader, out var declared) == true ? declared.ToString() : null);
        }
        if (arrived.Count == 0) throw Invalid("upload.empty", "The form holds no file.");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader parts, CancellationToken cancel)
    {
        try
        {
            return await parts.ReadNextSectionAsync(cancel);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The form cannot be taken apart.", damaged);
        }
    }

    /// <summary>A part that says its checksum has to have it.</summary>
    private void RequireSum(string? declared)
    {
        var (name, file) = arrived[^1];
        if (declared is not null && !declared.Equals(file.Sha256, StringComparison.OrdinalIgnoreCase))
            throw Invalid("upload.checksum", $"What arrived as {name} has another checksum: {file.Sha256}.");
    }

    private async Task ReceiveOneAsync(string name, Stream body, CancellationToken cancel) =>
        arrived.Add((name, await files.ReceiveAsync((file, stop) => CopyAsync(body, file, stop), cancel)));

    private async Task CopyAsync(Stream body, Stream file, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        while (await ReadAsync(body, buffer, cancel) is var read and > 0)
        {
            left -= read;
            if (left < 0) throw TooLarge();
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await body.ReadAsync(buffer, cancel);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The upload ended before its end.", damaged);
        }
    }

    private RuleViolation TooLarge() =>
        new("upload.too-large", $"At most {limits.MaxUploadBytes} bytes are taken in at once.", StatusCodes.Status413PayloadTooLarge);

    private static RuleViolation WrongType() =>
        new("upload.media-type", $"Send the file as one of {string.Join(", ", plain)}, or files as multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);

    private static RuleViolation Invalid(string code, string title) => RuleViolation.Invalid(code, title, []);
}
