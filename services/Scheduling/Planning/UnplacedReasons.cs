namespace Tutti.Scheduling.Planning;

/// <summary>Codes for what keeps an experiment out of a plan.</summary>
public static class UnplacedReasons
{
    /// <summary>There is a place, and it costs more (dates that are not preferred, trips, set-ups, load) than the experiment brings.</summary>
    public const string NotWorthItsCost = "not-worth-its-cost";

    /// <summary>Nobody has looked in the time that was given.</summary>
    public const string NotLookedAt = "not-looked-at";

    /// <summary>None of its instruments has an open shift.</summary>
    public const string NoOpenShifts = "no-open-shifts";

    /// <summary>It needs more shifts in a row than any of its instruments ever gives.</summary>
    public const string RunTooShort = "run-too-short";

    /// <summary>Between release and due there is no place for it.</summary>
    public const string WindowTooSmall = "window-too-small";

    /// <summary>There is room only in shifts with which no block may begin.</summary>
    public const string StartNotAllowed = "start-not-allowed";

    /// <summary>A time was forbidden to it: see the instance.</summary>
    public const string TimeForbidden = "time-forbidden";

    public const string TeamAway = "team-away";

    public const string StaffAway = "staff-away";

    /// <summary>No cell can be had at any time that is left.</summary>
    public const string CellRefused = "cell-refused";

    /// <summary>No laboratory equipment can be had at any time that is left.</summary>
    public const string EquipmentRefused = "equipment-refused";

    /// <summary>No local contact is free.</summary>
    public const string NoContact = "no-contact";

    public const string GloveBoxesFull = "glove-boxes-full";

    public const string CellsOut = "cells-out";

    public const string InstrumentQuota = "instrument-quota";

    public const string SiteQuota = "site-quota";

    public const string CountryMaximum = "country-maximum";

    /// <summary>Other experiments have the shifts of its instruments.</summary>
    public const string InstrumentFull = "instrument-full";

    /// <summary>An instrument on the same source is running.</summary>
    public const string SourceBusy = "source-busy";

    /// <summary>Its team is at another experiment, or on the way.</summary>
    public const string TeamClash = "team-clash";

    /// <summary>There is no time to prepare or clean the instrument, or to change its mode.</summary>
    public const string SetUp = "set-up";

    /// <summary>Its sample is at another experiment, or on the way.</summary>
    public const string SampleElsewhere = "sample-elsewhere";

    /// <summary>The local contacts have as much in the week as they can do.</summary>
    public const string WeekFull = "week-full";

    /// <summary>Order and gaps to other experiments leave no place.</summary>
    public const string Order = "order";

    /// <summary>It would fit, but another required experiment of its proposal does not.</summary>
    public const string ProposalIncomplete = "proposal-incomplete";

    /// <summary>It would fit, but another optional experiment that is placed with it or not at all does not.</summary>
    public const string GroupIncomplete = "group-incomplete";

    /// <summary>Each experiment of its proposal fits alone, but not all together, or no single rule keeps it out.</summary>
    public const string NoJointPlacement = "no-joint-placement";
}
