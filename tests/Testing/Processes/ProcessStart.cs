namespace Tutti.Testing;

/// <summary>How a child process is started.</summary>
public sealed record ProcessStart
{
    /// <summary>What people call it in messages.</summary>
    public required string Name { get; init; }

    public required string File { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Added to this process's environment; a null removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Standard output and error are appended here by the kernel, so that listening costs this process nothing.</summary>
    public required string Log { get; init; }

    public string? Folder { get; init; }

    /// <summary>The account it runs as, where this process is root and the program refuses root.</summary>
    public string? Account { get; init; }

    /// <summary>What the kernel sends it when this process dies, however it dies.</summary>
    public Signal AtParentDeath { get; init; } = Signal.Kill;
}
