using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>
/// Whether a file can ever become data. A plain NumPy array is worked on where it lies, however large, HDF5 up to <see cref="int.MaxValue"/> bytes; every other
/// reader holds its file in memory, so that a larger one would be uploaded in vain.
/// </summary>
internal static class Readable
{
    /// <summary>So many bytes tell whether a file is a NumPy array.</summary>
    public const int Head = 8;

    private static readonly string[] hdf5 = [".h5", ".hdf5", ".nxs", ".nx5"];
    private static readonly string[] held = [".mat", ".zip", ".csv", ".txt", ".dat", ".xdi", ".prj", ".nor", ".mpt", ".chi", ".xye", ".hdr", ".xim"];

    /// <summary>Why a file of this name and length will not become data, as far as the name tells.</summary>
    public static RuleViolation? WhyNot(string name, long length, ReductionLimits limits) =>
        (length > limits.MaxReadableBytes && held.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
        || (length > int.MaxValue && hdf5.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)) ? Never(name, limits) : null;

    /// <summary>The same by the first bytes of the file; null as long as too few of them are there.</summary>
    public static RuleViolation? WhyNot(FileStream file, Upload upload, ReductionLimits limits)
    {
        if (upload.Length <= limits.MaxReadableBytes || file.Length < Head) return null;
        var (head, at) = (new byte[Head], file.Position);
        file.Position = 0;
        file.ReadExactly(head);
        file.Position = at;
        return NpyFormat.Resembles(head) || (upload.Length <= int.MaxValue && NexusReader.Resembles(head)) ? null : Never(upload.FileName, limits);
    }

    private static RuleViolation Never(string name, ReductionLimits limits) => new(
        "upload.never-readable",
        $"{name} is no plain NumPy array, and files of other formats have at most {limits.MaxReadableBytes >> 20} MiB, HDF5 2 GiB. Divide it, or convert it to .npy.",
        StatusCodes.Status413PayloadTooLarge);
}
