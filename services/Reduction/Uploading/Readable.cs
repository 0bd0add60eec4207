using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>
/// Whether a file can ever become data. A plain NumPy array is worked on where it lies, however large, HDF5 up to <see cref="int.MaxValue"/> bytes; every other
/// reader holds its file in memory, so that a larger one would be uploaded in vain.
/// </summary>
internal static class Readable
{
    /// <summary>Within so many bytes it is told.</summary>
    public const int MostHead = NpyFormat.LongestStart;

    // So many tell whether a file is a NumPy array.
    private const int Head = 8;

    private static readonly string[] hdf5 = [".h5", ".hdf5", ".nxs", ".nx5"];
    private static readonly string[] held = [".mat", ".zip", ".csv", ".txt", ".dat", ".xdi", ".prj", ".nor", ".mpt", ".chi", ".xye", ".hdr", ".xim"];

    /// <summary>Why a file of this name and length will not become data, as far as the name tells.</summary>
    public static RuleViolation? WhyNot(string name, long length, ReductionLimits limits) =>
        (length > limits.MaxReadableBytes && held.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
        || (length > int.MaxValue && hdf5.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)) ? Never(name, limits) : null;

    /// <summary>The same by the first bytes of the file; null as long as too few of them are there. A NumPy array tells with its header what it will be.</summary>
    public static RuleViolation? WhyNot(FileStream file, Upload upload, ReductionLimits limits)
    {
        if (file.Length < Head) return null;
        var at = file.Position;
        try
        {
            file.Position = 0;
            var head = new byte[Head];
            file.ReadExactly(head);
            if (NpyFormat.Resembles(head)) return NpyFormat.HeaderOf(file) is { } header ? WhyNot(header, upload, limits) : null;
            return upload.Length <= limits.MaxReadableBytes || (upload.Length <= int.MaxValue && NexusReader.Resembles(head)) ? null : Never(upload.FileName, limits);
        }
        catch (SeriesFormatException damaged)
        {
            return Never(upload.FileName, damaged.Message);
        }
        finally
        {
            file.Position = at;
        }
    }

    private static RuleViolation? WhyNot(NpyHeader header, Upload upload, ReductionLimits limits)
    {
        var (name, shape) = (upload.FileName, string.Join(" x ", header.Shape));
        if (header.FileLength != upload.Length)
            return Never(name, $"An array of {shape} numbers of {header.Size} bytes is a file of {header.FileLength} bytes, and {upload.Length} were announced.");
        if (MappedArray.IsPlain(header)) return MappedArray.WhyNot(header, limits.Reading(null, null)) is { } beyond ? Never(name, $"{beyond}.") : null;
        if (upload.Length > limits.MaxReadableBytes)
            return Never(name, $"It is no plain array ({MappedArray.Plain}), and others are read into memory: they have at most {limits.MaxReadableBytes >> 20} MiB. Write it with numpy.ascontiguousarray(...).astype('<f4').");
        return header.Count > limits.MaxValues ? Never(name, $"{shape} values are more than the {limits.MaxValues} allowed.") : null;
    }

    private static RuleViolation Never(string name, ReductionLimits limits) => Never(
        name, $"It is no plain NumPy array, and files of other formats have at most {limits.MaxReadableBytes >> 20} MiB, HDF5 2 GiB. Divide it, or convert it to .npy.");

    private static RuleViolation Never(string name, string why) =>
        new("upload.never-readable", $"{name} cannot become data. {why}", StatusCodes.Status413PayloadTooLarge);
}
