using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>
/// What the requests of the tus protocol share (https://tus.io/protocols/resumable-upload, version 1.0.0): its headers, its statuses.
/// <code>
/// POST  /uploads         Upload-Length ──────────────► 201 Location
/// HEAD  /uploads/{id}    ────────────────────────────► Upload-Offset: what is safely on disk
/// PATCH /uploads/{id}    Upload-Offset, the bytes ───► 204 Upload-Offset
/// POST  /datasets/from-uploads  {uploads, dataSet} ──► the data set
/// </code>
/// </summary>
internal static class Tus
{
    public const string Version = "1.0.0";
    public const string Extensions = "creation,creation-with-upload,checksum,termination,expiration";
    public const string Algorithms = "sha1,sha256";
    public const string PartType = "application/offset+octet-stream";
    private const string OverrideHeader = "X-HTTP-Method-Override";

    /// <summary>Each answer names the protocol, refusals too; each request has to.</summary>
    public static async ValueTask<object?> SpeakAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.OnStarting(() =>
        {
            http.Response.Headers["Tus-Resumable"] = Version;
            if (http.Response.StatusCode == StatusCodes.Status412PreconditionFailed) http.Response.Headers["Tus-Version"] = Version;
            return Task.CompletedTask;
        });
        if (!HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers["Tus-Resumable"] != Version)
            throw new RuleViolation("tus.version", $"Uploads in parts speak tus {Version}: send the header Tus-Resumable.", StatusCodes.Status412PreconditionFailed);
        return await next(context);
    }

    /// <summary>What the request means to do; some clients can only post.</summary>
    public static string MethodOf(HttpRequest request) =>
        request.Headers[OverrideHeader] is { Count: > 0 } meant ? meant.ToString().ToUpperInvariant() : request.Method;

    /// <summary>A header that is a count of bytes.</summary>
    public static long RequireBytes(HttpRequest request, string header) =>
        long.TryParse(request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : throw new BadHttpRequestException($"The header {header} is a count of bytes.");

    /// <summary>Whether the request carries a part.</summary>
    public static bool CarriesPart(HttpRequest request) => string.Equals(request.ContentType, PartType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The pairs of the header <c>Upload-Metadata</c>: key, blank, value in Base64.</summary>
    public static Dictionary<string, string> MetadataOf(HttpRequest request)
    {
        Dictionary<string, string> pairs = [];
        var text = request.Headers["Upload-Metadata"].ToString();
        if (text.Length > Upload.MaxMetadata) throw Malformed();
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split(' ', 2);
            if (!pairs.TryAdd(parts[0], parts.Length == 1 ? "" : Decode(parts[1]))) throw Malformed();
        }
        return pairs;
        static BadHttpRequestException Malformed() => new($"The header Upload-Metadata has at most {Upload.MaxMetadata} characters: different keys, each with a value in Base64.");
        static string Decode(string coded)
        {
            var bytes = new byte[coded.Length];
            return Convert.TryFromBase64String(coded, bytes, out var length) ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : throw Malformed();
        }
    }

    /// <summary>The checksum that the part has to have, where the request names one.</summary>
    public static (HashAlgorithmName Algorithm, byte[] Sum)? ChecksumOf(HttpRequest request)
    {
        var text = request.Headers["Upload-Checksum"].ToString();
        if (text.Length == 0) return null;
        var parts = text.Split(' ');
        var algorithm = parts[0] switch
        {
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            _ => throw new RuleViolation("upload.checksum-algorithm", $"Checksums of parts are {Algorithms}.", StatusCodes.Status400BadRequest),
        };
        var sum = new byte[64];
        return parts.Length == 2 && Convert.TryFromBase64String(parts[1], sum, out var length) && length == (algorithm == HashAlgorithmName.SHA1 ? SHA1.HashSizeInBytes : SHA256.HashSizeInBytes)
            ? (algorithm, sum[..length])
            : throw new BadHttpRequestException("The header Upload-Checksum is the name of the algorithm and the checksum in Base64.");
    }

    /// <summary>Tells how far an upload is and how long it is kept.</summary>
    public static void Tell(HttpResponse response, long offset, DateTimeOffset expires)
    {
        response.Headers["Upload-Offset"] = offset.ToString(CultureInfo.InvariantCulture);
        response.Headers["Upload-Expires"] = expires.ToString("R", CultureInfo.InvariantCulture);
        response.Headers.CacheControl = "no-store";
    }
}
