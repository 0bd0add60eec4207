using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Who replaces what is kept of calendars and staff names the version that they have seen, as at the desk.</summary>
internal static class SeenVersion
{
    /// <summary>Refuses to replace what is there (its version, null: nothing) for somebody who names no version (428) or another one (412).</summary>
    public static void RequireSeen(this HttpRequest request, int? version)
    {
        if (version is { } there) request.RequireNamedVersion(there);
        else request.RequireVersion(-1);
    }
}
