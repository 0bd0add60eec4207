using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>
/// Whether a file can ever become data. A plain NumPy array is worked on where it lies, however large; every other reader holds its file in memory (HDF5 too:
/// its library is given bytes that were checked, never the file), so that a larger one would be uploaded in vain.
/// </summary>
internal static class Readable
{
    /// <summary>So many bytes tell whether a file is a NumPy array.</summary>
    public const int Head = 8;

    private static readonly string[] held = [".h5", ".hdf5", ".nxs", ".nx5", ".mat", ".zip", ".csv", ".txt", ".dat", ".xdi", ".prj", ".nor", ".mpt", ".chi", ".xye", ".hdr", ".xim"];

    /// <summary>Why a file of this name and length will not become data, as far as the name tells.</summary>
    public static RuleViolation? WhyNot(string name, long length, ReductionLimits limits) =>
        length > limits.MaxReadableBytes && held.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) ? Never(name, limits) : null;

    /// <summary>The same by the first bytes of the file; null as long as too few of them are there.</summary>
    public static RuleViolation? WhyNot(FileStream file, Upload upload, ReductionLimits limits)
    {
        if (upload.Length <= limits.MaxReadableBytes || file.Length < Head) return null;
        var (head, at) = (new byte[Head], file.Position);
        file.Position = 0;
        file.ReadExactly(head);
        file.Position = at;
        return NpyFormat.Resembles(head) ? null : Never(upload.FileName, limits);
    }

    private static RuleViolation Never(string name, ReductionLimits limits) => new(
        "upload.never-readable",
        $"{name} is no plain NumPy array, and files of other formats are read in memory: they have at most {limits.MaxReadableBytes >> 20} MiB. Divide it, or convert it to .npy.",
        StatusCodes.Status413PayloadTooLarge);
}
