namespace Tutti.Reduction.Numerics;

/// <summary>A matrix could not be written to its temporary file: no fault of the data, and worth another try later. The message names no path.</summary>
public sealed class StorageFullException(string message, Exception inner) : IOException(message, inner)
{
    /// <summary>The stable word for it.</summary>
    public const string Code = "storage_full";
}
