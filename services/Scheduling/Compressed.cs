using System.IO.Compression;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling;

/// <summary>Documents that are written once, kept as gzipped JSON.</summary>
internal static class Compressed
{
    /// <summary>Keeps a value that is never changed in one compressed column.</summary>
    public static void AsCompressedJson<T>(this PropertyBuilder<T> property) where T : class => property.HasConversion(
        value => Of(value), bytes => Read<T>(bytes), new ValueComparer<T>((a, b) => ReferenceEquals(a, b), value => value.GetHashCode(), value => value));

    /// <summary>Gzipped JSON of a value.</summary>
    public static byte[] Of<T>(T value)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) JsonSerializer.Serialize(gzip, value, Json.Stored);
        return bytes.ToArray();
    }

    /// <summary>The value again.</summary>
    public static T Read<T>(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(gzip, Json.Stored) ?? throw new JsonException("A compressed document holds null.");
    }
}
