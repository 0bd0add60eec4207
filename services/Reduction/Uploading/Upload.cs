using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>A file that arrives in parts: how much of it is safely on disk, and who is adding to it at this moment.</summary>
public sealed class Upload
{
    /// <summary>Longest name of a file.</summary>
    public const int MaxFileName = 200;

    /// <summary>Longest description that the client sends along and gets back.</summary>
    public const int MaxMetadata = 2000;

    /// <summary>How long a part may be silent before another request may go on with the upload.</summary>
    public static readonly TimeSpan HoldLength = TimeSpan.FromSeconds(15);

    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who began it; for others it does not exist.</summary>
    public required Guid Owner { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Name of the file, a label.</summary>
    public required string FileName { get; init; }

    /// <summary>What the client said about it, as it came.</summary>
    public required string Metadata { get; init; }

    /// <summary>The SHA-256 that the whole file has to have, hex, where the client said one.</summary>
    public string? DeclaredSha256 { get; init; }

    /// <summary>Bytes it will have.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes that are on disk and will be there after a crash.</summary>
    public long Offset { get; private set; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>When it is removed.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The request that adds to it now.</summary>
    public Guid? Writer { get; private set; }

    /// <summary>Until when, unless renewed.</summary>
    public DateTimeOffset? WriterUntil { get; private set; }

    /// <summary>Hash of the whole file, hex, once it was taken.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>The data set it became part of.</summary>
    public Guid? DataSetId { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Whether all of it is there.</summary>
    public bool IsWhole => Offset == Length;

    /// <summary>Whether it is over.</summary>
    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>The whole file was read and has this hash; refuses one that is not what the client announced.</summary>
    public void Hashed(string sha256)
    {
        if (DeclaredSha256 is { } declared && !declared.Equals(sha256, StringComparison.OrdinalIgnoreCase))
            throw RuleViolation.Invalid("upload.checksum", $"What arrived as {FileName} has another checksum: {sha256}.", []);
        Sha256 = sha256;
    }

    /// <summary>It has become part of a data set.</summary>
    public void Registered(Guid dataSetId) => DataSetId = dataSetId;
}
